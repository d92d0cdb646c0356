"""Host and service names, asked of this machine (/etc/hosts, DNS, /etc/services), as Piranha asked for them."""

import socket
import time
from ipaddress import IPv4Address

PATIENCE_S = 10.0


class SystemNames:
    """Looks names up. A question about a host may wait for DNS, so ask outside what has to answer at once."""

    def host(self, text: str) -> IPv4Address | None:
        """Return the first IPv4 address of `text`, or None if it is not known."""
        if not text:
            return None  # which would mean this machine's every address
        try:
            return IPv4Address(socket.gethostbyname(text))
        except (OSError, ValueError):
            return None

    def service(self, text: str) -> int | None:
        """Return the port of the TCP service `text`, or None if it is not known."""
        try:
            return socket.getservbyname(text, "tcp")
        except (OSError, ValueError):
            return None


class PatientNames:
    """Looks each name up once; after `patience_s` of waiting for hosts in all, no other one is known.

    For one reading of a file: one full of names nobody knows would otherwise hold a page, or pulse, for hours.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._system = SystemNames()
        self._patience_s = self._left_s = patience_s
        self._hosts: dict[str, IPv4Address | None] = {}

    def renew(self) -> None:
        """Forget what was looked up, and be patient again: for the next reading."""
        self._hosts.clear()
        self._left_s = self._patience_s

    def host(self, text: str) -> IPv4Address | None:
        """Return the address of a host name, or None if it is not known."""
        if text not in self._hosts:
            if self._left_s <= 0:
                return None
            began = time.monotonic()
            self._hosts[text] = self._system.host(text)
            self._left_s -= time.monotonic() - began
        return self._hosts[text]

    def service(self, text: str) -> int | None:
        """Return the port of a TCP service name, or None if it is not known."""
        return self._system.service(text)
