"""Host and service names, looked up as Piranha did: in /etc/hosts, DNS and /etc/services of this machine."""

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address

PATIENCE_S = 10.0
ASKERS = 4
WAITING_MAX = 500
KNOWN_S = 600.0
UNKNOWN_S = 60.0
KEPT = 20_000


class SystemNames:
    """Looks names up. A host lookup may block on DNS, so it must not run where an answer is due immediately."""

    def host(self, text: str) -> IPv4Address | None:
        """Return the first IPv4 address of `text`, or None if it is not known."""
        if not text:
            return None  # the resolver would return 0.0.0.0, every address of this machine
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
    """Looks each name up once; after `patience_s` of waiting for hosts in total, further ones count as unknown.

    For reading a file once: one full of unknown names would otherwise block a page, or pulse, for hours.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._system = SystemNames()
        self._patience_s = self._left_s = patience_s
        self._hosts: dict[str, IPv4Address | None] = {}

    def renew(self) -> None:
        """Forget what was looked up, and restore the full patience, for the next reading."""
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


class HostNames:
    """The names of addresses, for pages that show both: known ones immediately, the others once DNS has answered.

    It never blocks: DNS is queried in a few threads, and a slow server delays only those.
    """

    def __init__(self, look_up: Callable[[str], str] | None = None) -> None:
        self._look_up = look_up or _name_of
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, float]] = {}
        self._asked: set[str] = set()
        self._pool: ThreadPoolExecutor | None = None

    def of(self, address: str) -> str:
        """Return the name of `address`; empty: it has none, or it is not known yet."""
        with self._lock:
            name, good_until = self._known.get(address, ("", 0.0))
            if time.monotonic() > good_until and address not in self._asked and len(self._asked) < WAITING_MAX:
                self._asked.add(address)
                # Created late, so that each process of the web part has its own threads.
                self._pool = self._pool or ThreadPoolExecutor(ASKERS, "host-names")
                self._pool.submit(self._ask, address)
        return name

    def wait(self) -> None:
        """Return when no lookup is running any more."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _ask(self, address: str) -> None:
        name = ""
        try:
            name = self._look_up(address)
        finally:
            with self._lock:
                self._known[address] = (name, time.monotonic() + (KNOWN_S if name else UNKNOWN_S))
                self._asked.discard(address)
                while len(self._known) > KEPT:
                    del self._known[next(iter(self._known))]


def _name_of(address: str) -> str:
    try:
        return socket.gethostbyaddr(address)[0]
    except (OSError, UnicodeError):
        return ""
