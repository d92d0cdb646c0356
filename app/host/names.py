"""Host and service names, looked up as Piranha did: in /etc/hosts, DNS and /etc/services of this machine.

A name server that does not answer holds up the resolver for half a minute with each name. So hosts are looked up
in threads, which are left to finish when nobody waits for them any more. A process that has done so must not fork:
a thread may hold a lock of the C library just then, even as it ends, and the child would wait for it for ever.
"""

import logging
import queue
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from ipaddress import IPv4Address

PATIENCE_S = 10.0
ASKERS = 4
WAITING_MAX = 500
KNOWN_S = 600.0
UNKNOWN_S = 60.0
KEPT = 20_000
RUNNING_MAX = 64
"""How many hosts are looked up at once for files, including those that nobody waits for any more."""

log = logging.getLogger(__name__)


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


class _Lookups:
    """The lookups of hosts that are running in this process: each in a thread, the same name only once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, Future[IPv4Address | None]] = {}

    def host(self, text: str, within_s: float) -> IPv4Address | None:
        """Return the address of `text`; None: it is not known, or was not found in time."""
        with self._lock:
            lookup = self._running.get(text)
            if lookup is None:
                if len(self._running) >= RUNNING_MAX:
                    return None
                lookup = self._running[text] = Future()
                # A daemon: the process must be able to end while a thread still waits for DNS.
                threading.Thread(target=self._look_up, args=(text, lookup), name="names", daemon=True).start()
        try:
            return lookup.result(within_s)
        except TimeoutError:
            return None

    def _look_up(self, text: str, lookup: Future[IPv4Address | None]) -> None:
        found = None
        try:
            found = SystemNames().host(text)
        finally:
            with self._lock:
                del self._running[text]
            lookup.set_result(found)


_LOOKUPS = _Lookups()


class PatientNames:
    """Looks each name up once; after `patience_s` of waiting for hosts in total, further ones count as unknown.

    For reading a file once: one full of unknown names would otherwise block a page, or pulse, for hours.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._system = SystemNames()
        self._patience_s = self._left_s = patience_s
        self._hosts: dict[str, IPv4Address | None] = {}
        self._asked_at: float | None = None

    @property
    def waiting_s(self) -> float:
        """For how long the lookup that is running has been running; 0: none is. Another thread may ask."""
        asked_at = self._asked_at
        return 0.0 if asked_at is None else time.monotonic() - asked_at

    def renew(self) -> None:
        """Forget what was looked up, and restore the full patience, for the next reading."""
        self._hosts.clear()
        self._left_s = self._patience_s

    def host(self, text: str) -> IPv4Address | None:
        """Return the address of a host name, or None if it is not known."""
        if text not in self._hosts:
            if self._left_s <= 0:
                return None
            self._asked_at = began = time.monotonic()
            # Also where it is one lookup that takes longer than there is patience.
            self._hosts[text] = _LOOKUPS.host(text, self._left_s) if text else None
            self._left_s -= time.monotonic() - began
            self._asked_at = None
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
        self._waiting: queue.Queue[str] = queue.Queue()
        self._askers = 0

    def of(self, address: str) -> str:
        """Return the name of `address`; empty: it has none, or it is not known yet."""
        with self._lock:
            name, good_until = self._known.get(address, ("", 0.0))
            if time.monotonic() > good_until and address not in self._asked and len(self._asked) < WAITING_MAX:
                self._asked.add(address)
                self._waiting.put(address)
                # Started late, so that each process of the web part has its own threads; and daemons, as it must
                # be able to end while they wait for DNS.
                if self._askers < ASKERS:
                    self._askers += 1
                    threading.Thread(target=self._ask_on, name="host-names", daemon=True).start()
        return name

    def wait(self) -> None:
        """Return when no lookup is running or waiting any more."""
        self._waiting.join()

    def _ask_on(self) -> None:
        while True:
            try:
                self._ask(self._waiting.get())
            finally:
                self._waiting.task_done()

    def _ask(self, address: str) -> None:
        name = ""
        try:
            name = self._look_up(address)
        except Exception:
            # It is a name to be shown: without it the address is shown alone, and the next one is looked up.
            log.exception("the name of %s could not be looked up", address)
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
