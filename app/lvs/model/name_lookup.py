"""Host and service names in lvs.cf: the interface for looking them up, and one that knows none."""

from ipaddress import IPv4Address
from typing import Protocol


class NameLookup(Protocol):
    """Looks names up."""

    def host(self, text: str) -> IPv4Address | None:
        """Return the address of a host name, or None if it is not known."""

    def service(self, text: str) -> int | None:
        """Return the port of a TCP service name, or None if it is not known."""


class NoNames:
    """Knows no name: a file is read without asking anybody."""

    def host(self, text: str) -> IPv4Address | None:
        """Return None."""
        return None

    def service(self, text: str) -> int | None:
        """Return None."""
        return None


NO_NAMES = NoNames()
