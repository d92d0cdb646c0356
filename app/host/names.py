"""Host and service names, asked of this machine (/etc/hosts, DNS, /etc/services), as Piranha asked for them."""

import socket
from ipaddress import IPv4Address


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
