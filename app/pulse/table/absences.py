"""Tells once what clients should get and the kernel does not have, and again when it has it. Changes nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.host.ipvs.step_error import StepFailed, endpoint
from app.lvs.desired.table import sorry_key
from app.lvs.ipvs.plan import AddDestination, SetDestination
from app.lvs.ipvs.service_names import host_port
from app.lvs.ipvs.table import Destination, DestinationKey, Service, ServiceKey, Table
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.pulse.events.log import EventLog
from app.pulse.table.keeper import Convergence
from app.pulse.table.positions import service_positions
from app.pulse.table.report import server_names

Entry = tuple[ServiceKey, DestinationKey | None]
"""A service, or a server of one."""
Failures = Mapping[ServiceKey, Sequence[StepFailed]]
NOT_THERE = "the kernel does not have it; pulse tries again"
AT_WEIGHT_0 = "the kernel has it at weight 0; pulse tries again"


@dataclass(frozen=True, slots=True)
class _Name:
    virtual: str
    server: str
    target: str


class Absences:
    """The one owner of what is known to be missing; `reasons` says why, for each entry."""

    def __init__(self, events: EventLog) -> None:
        self._events = events
        self._names: dict[Entry, _Name] = {}
        self.reasons: Mapping[Entry, str] = {}

    def look(self, config: Config, wanted: Table, table: Table, outcome: Convergence) -> None:
        """Compare what is `wanted` with the last reading, after `outcome`; of what is unread nothing is learnt."""
        before = self.reasons
        kept = {
            entry: why for entry, why in before.items() if entry[0] in outcome.unread and _is_wanted(entry, wanted)
        }
        self.reasons = {**kept, **dict(_absent(wanted, table, outcome.failures))}
        if self.reasons.keys() != before.keys():
            self._record(config, wanted, before)

    def _record(self, config: Config, wanted: Table, before: Iterable[Entry]) -> None:
        for entry in before:
            name = self._names[entry] if entry in self.reasons else self._names.pop(entry)
            # What is no longer wanted is not missed any more either, which is nothing to tell.
            if entry not in self.reasons and _is_wanted(entry, wanted):
                self._tell("entered", name, "the kernel has it now")
        new = [entry for entry in self.reasons if entry not in self._names]
        for entry, name in _named(config, new):
            self._names[entry] = name
            self._tell("missing", name, f"it gets no clients: {self.reasons[entry]}")

    def _tell(self, kind: Literal["missing", "entered"], name: _Name, reason: str) -> None:
        self._events.record(kind, reason, virtual=name.virtual, server=name.server, target=name.target)


def _absent(wanted: Table, table: Table, failures: Failures) -> Iterator[tuple[Entry, str]]:
    for key, failed in failures.items():
        service, there = wanted.get(key), table.get(key)
        if service is None:
            continue
        if there is None:
            yield (key, None), failed[0].message if failed else NOT_THERE
            continue
        held = {destination.key: destination for destination in there.destinations}
        for destination in service.destinations:
            if destination.weight and (why := _why(destination, held.get(destination.key), failed)):
                yield (key, destination.key), why


def _why(wanted: Destination, there: Destination | None, failed: Sequence[StepFailed]) -> str:
    if there is not None and there.weight:
        return ""
    for failure in failed:
        step = failure.step
        if isinstance(step, AddDestination | SetDestination) and step.destination.key == wanted.key:
            return failure.message
    return NOT_THERE if there is None else AT_WEIGHT_0


def _is_wanted(entry: Entry, wanted: Table) -> bool:
    service = wanted.get(entry[0])
    return service is not None and (entry[1] is None or _weight(service, entry[1]) > 0)


def _weight(service: Service, key: DestinationKey) -> int:
    return next((found.weight for found in service.destinations if found.key == key), 0)


def _named(config: Config, entries: Sequence[Entry]) -> Iterator[tuple[Entry, _Name]]:
    positions, network = service_positions(config), effective(config, "network")
    for entry in entries:
        key, server = entry
        virtual = config.virtual[positions[key]]
        if server is None:
            yield entry, _Name(virtual.name, "", endpoint(key))
            continue
        name = server_names(virtual, key, network).get(server, "")
        if not name and server == sorry_key(virtual, key, network):
            name = "sorry server"
        yield entry, _Name(virtual.name, name, host_port(str(server.address), server.port))
