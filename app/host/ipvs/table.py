"""The kernel's IPVS table over generic netlink: read it, change it step by step; nothing else touches it.

Above this page are no netlink numbers, below it no decisions. It never empties the table: what goes, goes by a
plan's DeleteService and DeleteDestination.
"""

import errno
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Self, TypeVar

from app.host.ipvs.constants import FAMILY_NAME, Command
from app.host.ipvs.decode import decode_daemon, decode_destination, decode_service, decode_timeouts, decode_version
from app.host.ipvs.encode import daemon_payload, key_payload, request, step_request, timeouts_payload
from app.host.ipvs.scheduler_modules import load_ahead
from app.host.ipvs.step_error import NEEDS_NET_ADMIN, StepFailed, endpoint, step_failed
from app.host.ipvs.values import KernelVersion, SyncDaemon, Timeouts
from app.host.netlink.frames import ACK, DUMP, DUMP_INTERRUPTED, FrameType, error_number, messages
from app.host.netlink.generic_family import family_id
from app.host.netlink.socket import AnswersLost, NetlinkSocket
from app.host.network.ipv6 import NO_IPV6
from app.lvs.ipvs.counters import Counters, DestinationCounters, ServiceCounters
from app.lvs.ipvs.plan import AddService, SetService, Step
from app.lvs.ipvs.table import Destination, DestinationKey, Service, ServiceKey, destination_order

BATCH = 64
"""Steps sent in one system call: enough to make the call cheap, few enough to yield in between."""

MANY = 200
"""More services than this are requested all together."""

_DUMP_TRIES = 5

Heads = tuple[dict[ServiceKey, Service], dict[ServiceKey, Counters]]
Reading = tuple[dict[ServiceKey, Service], dict[ServiceKey, ServiceCounters]]
Unread = dict[ServiceKey, str]
"""Services that could not be read, each with the sentence that says why."""

_Answer = TypeVar("_Answer")


class IPVSFailed(Exception):
    """The kernel did not answer as expected; the message says what to do."""


class NoIPVS(IPVSFailed):
    """This kernel has no IPVS, or does not let this process see it."""


class NoSuchService(IPVSFailed):
    """The kernel has no service of that key."""


class NotPermitted(IPVSFailed):
    """This process may not use IPVS, reading included."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The result of one batch: how many steps were carried out, and those that were refused."""

    done: int
    failures: tuple[StepFailed, ...] = ()


class IPVS:
    """The table of the network namespace it is entered in; for one thread, which uses it in a ``with`` block.

    Entering raises NoIPVS when the kernel has none. Every method may raise IPVSFailed.
    """

    def __init__(self, open_socket: Callable[[], NetlinkSocket] = NetlinkSocket) -> None:
        self._open_socket = open_socket

    def __enter__(self) -> Self:
        self._socket = self._open_socket()
        try:
            self._family = self._find_family()
        except BaseException:
            self._socket.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def read(self) -> Reading:
        """Return every service with its destinations, and the counters, whether managed by us or not."""
        heads, totals = self.read_heads()
        return self.read_whole(heads, totals)

    def read_heads(self) -> Heads:
        """Return every service without its destinations, and its totals: one dump, however many there are."""
        found: dict[ServiceKey, Service] = {}
        totals: dict[ServiceKey, Counters] = {}
        for service, counted in self._ask(Command.GET_SERVICE, DUMP, b"", decode_service):
            found[service.key] = service
            totals[service.key] = counted
        return found, totals

    def read_whole(
        self,
        heads: Mapping[ServiceKey, Service],
        totals: Mapping[ServiceKey, Counters],
        unread: Unread | None = None,
    ) -> Reading:
        """Return the services of `heads` with their destinations, and what is counted: a dump for each.

        One that cannot be read is added to `unread`, and the others are read; without `unread` that is raised.
        """
        found: dict[ServiceKey, Service] = {}
        counted: dict[ServiceKey, ServiceCounters] = {}
        for key, head in heads.items():
            with _each_alone(key, unread):
                destinations, counters = self._read_destinations(key)
                found[key] = replace(head, destinations=destinations)
                counted[key] = ServiceCounters(totals[key], counters)
        return found, counted

    def read_services(self, keys: Collection[ServiceKey], unread: Unread | None = None) -> Reading:
        """Return those services of `keys` that are there, as `read` does; `unread` is that of `read_whole`."""
        if len(keys) > MANY:
            # One dump of all of them is quicker than so many requests.
            all_heads, all_totals = self.read_heads()
            return self.read_whole({key: all_heads[key] for key in keys if key in all_heads}, all_totals, unread)
        heads: dict[ServiceKey, Service] = {}
        totals: dict[ServiceKey, Counters] = {}
        for key in keys:
            with _each_alone(key, unread):
                for service, counted in self._ask_one(key):
                    heads[service.key] = service
                    totals[service.key] = counted
        return self.read_whole(heads, totals, unread)

    def apply(self, steps: Sequence[Step]) -> Iterator[Applied]:
        """Carry out `steps` in order, yielding after each batch; a refused step does not stop the next ones.

        The kernel has no transaction: read the table again afterwards to know what it holds.
        """
        rest = iter(steps)
        while batch := tuple(islice(rest, BATCH)):
            yield self._apply(batch)

    def timeouts(self) -> Timeouts:
        """Return the connection timeouts of this network namespace."""
        return self._ask(Command.GET_CONFIG, ACK, b"", decode_timeouts)[0]

    def set_timeouts(self, timeouts: Timeouts) -> None:
        """Set the connection timeouts of this network namespace; 0 leaves one unchanged."""
        self._ask(Command.SET_CONFIG, ACK, timeouts_payload(timeouts), decode_timeouts)

    def daemons(self) -> list[SyncDaemon]:
        """Return the sync daemons that run in this network namespace: a master, a backup, both or none."""
        return self._ask(Command.GET_DAEMON, DUMP, b"", decode_daemon)

    def start_daemon(self, daemon: SyncDaemon) -> None:
        """Start a sync daemon; there is one of each role at most."""
        self._ask(Command.NEW_DAEMON, ACK, daemon_payload(daemon), decode_daemon)

    def stop_daemon(self, daemon: SyncDaemon) -> None:
        """Stop the sync daemon of that role, whatever its settings."""
        self._ask(Command.DELETE_DAEMON, ACK, daemon_payload(daemon), decode_daemon)

    def version(self) -> KernelVersion:
        """Return the kernel's IPVS version."""
        return self._ask(Command.GET_INFO, ACK, b"", decode_version)[0]

    def _read_destinations(
        self, key: ServiceKey
    ) -> tuple[tuple[Destination, ...], dict[DestinationKey, DestinationCounters]]:
        there: dict[DestinationKey, Destination] = {}
        counters: dict[DestinationKey, DestinationCounters] = {}
        decode = partial(decode_destination, family=key.family)
        for destination, count in self._ask(Command.GET_DESTINATION, DUMP, key_payload(key), decode):
            there[destination.key] = destination
            counters[destination.key] = count
        return tuple(sorted(there.values(), key=lambda each: destination_order(each.key))), counters

    def _ask_one(self, key: ServiceKey) -> list[tuple[Service, Counters]]:
        try:
            return self._ask(Command.GET_SERVICE, ACK, key_payload(key), decode_service)
        except NoSuchService:
            return []

    def _ask(
        self, command: Command, flags: int, payload: bytes, decode: Callable[[memoryview], _Answer]
    ) -> list[_Answer]:
        has_looked_again = False
        for _ in range(_DUMP_TRIES):
            try:
                answers = self._ask_once(command, flags, payload, decode)
            except AnswersLost:
                continue
            except NoIPVS:
                if has_looked_again:
                    raise
                # A module that was unloaded and loaded again has another number.
                self._family, has_looked_again = self._find_family(), True
                continue
            if answers is not None:
                return answers
        raise IPVSFailed(
            f"The kernel's IPVS table changed {_DUMP_TRIES} times while it was being read: "
            "find out which other program keeps changing it (is keepalived or ldirectord running?)."
        )

    def _ask_once(
        self, command: Command, flags: int, payload: bytes, decode: Callable[[memoryview], _Answer]
    ) -> list[_Answer] | None:
        sequence = self._socket.next_sequence()
        answers: list[_Answer] = []
        was_interrupted = False
        with _kernel_errors():
            self._socket.send(request(self._family, command, flags, sequence, payload))
            while True:
                for kind, flag, answered, body in messages(self._socket.receive()):
                    if answered != sequence:
                        continue
                    was_interrupted |= bool(flag & DUMP_INTERRUPTED)
                    if kind in (FrameType.ERROR, FrameType.DONE):
                        if number := error_number(body):
                            raise OSError(number, os.strerror(number))
                        return None if was_interrupted else answers
                    answers.append(decode(body))

    def _apply(self, batch: Sequence[Step]) -> Applied:
        """Carry out `batch`, each step on its own where the kernel does not take them together."""
        asked = {self._socket.next_sequence(): step for step in batch}
        last = next(reversed(asked))
        try:
            # Refusals are answered even without a request for acknowledgement, so only the last step requests one.
            self._socket.send(
                b"".join(
                    step_request(step, self._family, ACK if sequence == last else 0, sequence)
                    for sequence, step in self._prepared(asked)
                )
            )
        except OSError as error:
            if len(batch) == 1:
                return Applied(0, (step_failed(batch[0], error.errno or errno.EIO),))
            alone = [self._apply((step,)) for step in batch]
            return Applied(
                sum(each.done for each in alone), tuple(failure for each in alone for failure in each.failures)
            )
        try:
            failures = self._refusals(asked, last)
        except OSError as error:
            # What became of them is seen when the table is read again, and these are the reasons for the rest.
            failures = [step_failed(step, error.errno or errno.EIO) for step in batch]
        return Applied(len(batch) - len(failures), tuple(failures))

    def _prepared(self, asked: Mapping[int, Step]) -> Iterator[tuple[int, Step]]:
        for sequence, step in asked.items():
            if isinstance(step, AddService | SetService):
                load_ahead(step.service.scheduler)
            yield sequence, step

    def _refusals(self, asked: Mapping[int, Step], last: int) -> list[StepFailed]:
        """Return which of the steps that were `asked` for the kernel refuses; its answer to `last` comes last."""
        failures: list[StepFailed] = []
        while True:
            try:
                datagram = self._socket.receive()
            except AnswersLost:
                # The acknowledgement may be among the lost ones: request one more, which comes last.
                last = self._ping()
                continue
            is_answered = False
            for kind, _, answered, body in messages(datagram):
                if kind == FrameType.ERROR and answered in asked and (number := error_number(body)):
                    failures.append(step_failed(asked[answered], number))
                is_answered |= kind == FrameType.ERROR and answered == last
            if is_answered:
                return failures

    def _find_family(self) -> int:
        try:
            with _kernel_errors():
                return family_id(self._socket, FAMILY_NAME)
        except NoIPVS as error:
            raise NoIPVS(
                "This kernel has no IPVS: load it with 'modprobe ip_vs', or use a kernel that has it. "
                "In a container it has to be loaded on the host."
            ) from error

    def _ping(self) -> int:
        sequence = self._socket.next_sequence()
        self._socket.send(request(self._family, Command.GET_INFO, ACK, sequence))
        return sequence


@contextmanager
def _each_alone(key: ServiceKey, unread: Unread | None) -> Iterator[None]:
    """For the block, which reads the service of that `key`: a failure goes to `unread`, if that is given."""
    try:
        yield
    except IPVSFailed as failed:
        if unread is None:
            raise
        unread[key] = f"cannot read the service {endpoint(key)}: {failed}"


@contextmanager
def _kernel_errors() -> Iterator[None]:
    try:
        yield
    except BlockingIOError as error:
        raise IPVSFailed("The kernel has not answered about IPVS in time: it is overloaded or broken.") from error
    except PermissionError as error:
        raise NotPermitted(f"Cannot use IPVS: {NEEDS_NET_ADMIN}.") from error
    except ProcessLookupError as error:
        # This is how the kernel reports a missing service (ESRCH).
        raise NoSuchService("The kernel has no such service.") from error
    except FileNotFoundError as error:
        raise NoIPVS("This kernel no longer has IPVS: load it again with 'modprobe ip_vs'.") from error
    except OSError as error:
        reason = NO_IPV6 if error.errno == errno.EAFNOSUPPORT else error.strerror
        raise IPVSFailed(f"The kernel refuses the request about IPVS: {reason}.") from error
