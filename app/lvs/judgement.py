"""Judges the results of checks: which server may have clients, and why. Runs no check and touches no table.

It is told results and the time, and keeps the states; what it concludes is read as `health`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.lvs.check import Check, Outcome, Result
from app.lvs.config import Config
from app.lvs.desired import active_virtuals
from app.lvs.health import Standing, State, step
from app.lvs.keywords import effective
from app.lvs.presence import Health
from app.lvs.suspicion import Fallen, just_fallen
from app.lvs.table import ServiceKey, Table
from app.lvs.values import Service as ClusterType
from app.lvs.watched import WatchedServer, WatchedVirtual, watch


@dataclass(frozen=True, slots=True)
class Transition:
    """A server came in or went out, with the whole reason."""

    virtual: str
    server: str
    address: str
    port: int
    is_up: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Suspicion:
    """The director began to suspect itself, or ceased to."""

    is_on: bool
    reason: str


Event = Transition | Suspicion


class Judgement:
    """The one owner of every server's state.

    `changes` counts the times that `health` became another, `pending` the servers that wait for a first result.
    """

    def __init__(self) -> None:
        self.virtuals: dict[int, WatchedVirtual] = {}
        self.suspicion: Suspicion | None = None
        self.changes = 0
        self._by_check: dict[Check, list[tuple[WatchedVirtual, WatchedServer]]] = {}
        self.pending = 0
        self._count = 0
        self._answering = 0

    def follow(self, config: Config, table: Table, now: float) -> list[Event]:
        """Judge the servers of `config` from now on; return what is known at once of those that are new.

        A server known before keeps its state. Of a new one nothing is known, unless another server of the same
        check has just been heard: until its first result it is in if `table`, what the kernel holds, has it, and
        out otherwise.
        """
        heard = {check: servers[0][1] for check, servers in self._by_check.items()}
        earlier = {id(watched.virtual): watched for watched in self.virtuals.values()}
        known = {one.place: one for one in self.servers()}
        network = effective(config, "network")
        is_run = {id(virtual) for virtual in active_virtuals(config)}
        taken: set[ServiceKey] = set()
        self.virtuals = {}
        for position, virtual in enumerate(config.virtual):
            if id(virtual) not in is_run or effective(config, "service") is not ClusterType.LVS:
                continue
            watched = earlier.get(id(virtual))
            if watched is None or watched.virtual is not virtual or watched.network is not network:
                watched = watch(virtual, network, known, table, now)
            if watched is not None and watched.key not in taken:
                taken.add(watched.key)
                self.virtuals[position] = watched
        self._count = len(config.virtual)
        self._index()
        return list(self._heard_already(heard, now))

    @property
    def checks(self) -> Iterable[Check]:
        """The checks to run, each once."""
        return self._by_check.keys()

    @property
    def health(self) -> Health:
        """Who may have clients, for `desired`."""
        return [
            watched.presence if (watched := self.virtuals.get(position)) else None
            for position in range(self._count)
        ]

    def servers(self) -> Iterator[WatchedServer]:
        """Yield every server that is judged."""
        for watched in self.virtuals.values():
            yield from (server for server in watched.servers if server is not None)

    def judge(self, check: Check, result: Result, now: float) -> list[Event]:
        """Take in the `result` of a `check` due at `now`; return what changed by it, empty mostly."""
        events: list[Event] = []
        if self.suspicion is not None and result.is_reached:
            self.suspicion = None
            events.append(Suspicion(False, f"the servers are judged again: {result.message}"))
        is_judged = result.outcome is not Outcome.NOT_RUN and (self.suspicion is None or result.is_reached)
        for watched, server in self._by_check.get(check, ()):
            events.extend(self._judge_one(watched, server, result, now, is_judged))
        if any(isinstance(event, Transition) and not event.is_up for event in events):
            return self._suspect(events, now)
        return events

    def _judge_one(
        self, watched: WatchedVirtual, server: WatchedServer, result: Result, now: float, is_judged: bool
    ) -> Iterator[Event]:
        before = server.state
        self._note(server, result, now)
        if is_judged:
            server.state = step(before, result.outcome is Outcome.PASSED, server.rules, now)
        if _is_news(before, server.state):
            yield _transition(watched, server, _reason(before, server.state, result, now))
        if before.standing is Standing.UNKNOWN or server.state.is_in != before.is_in:
            self._decide(watched)

    def _heard_already(self, heard: Mapping[Check, WatchedServer], now: float) -> Iterator[Event]:
        """Judge each new server by the last result of its check, if that is run already."""
        for check, servers in self._by_check.items():
            known = heard.get(check)
            if known is None or known.last is None or known.last_at is None:
                continue
            is_judged = known.last.outcome is not Outcome.NOT_RUN and self.suspicion is None
            for watched, server in servers:
                if server.last is None and now - known.last_at <= check.interval_s + check.limit_s:
                    yield from self._judge_one(watched, server, known.last, known.last_at, is_judged)

    def _note(self, server: WatchedServer, result: Result, now: float) -> None:
        self._answering += result.is_reached - server.is_answered
        self.pending -= server.last is None
        server.last, server.last_at = result, now

    def _suspect(self, events: list[Event], now: float) -> list[Event]:
        """Where everything went at once, put back what went, and return the events that make it so."""
        if self._answering or any(one.state.is_in for one in self.servers() if one.is_asked):
            return events
        down = [
            (watched, one)
            for watched in self.virtuals.values()
            for one in watched.servers
            if one is not None and one.state.standing is Standing.DOWN and one.state.had_clients
        ]
        fallen = {id(one): Fallen(one.place[1].address, one.state.since, one.notice_s) for _, one in down}
        recent = just_fallen(fallen.values(), now)
        if not recent:
            return events
        self.suspicion = Suspicion(
            True,
            f"all {len(recent)} servers fell silent at once: this director's own network is the likelier cause, "
            "so the last set is kept until one of them answers",
        )
        kept: list[Event] = [*events, self.suspicion]
        for watched, one in down:
            if fallen[id(one)] in recent:
                one.state = State(Standing.UP, True, now)
                kept.append(_transition(watched, one, "kept: the director suspects itself"))
        for watched in self.virtuals.values():
            self._decide(watched)
        return kept

    def _decide(self, watched: WatchedVirtual) -> None:
        before = watched.presence
        watched.decide()
        self.changes += watched.presence != before

    def _index(self) -> None:
        wanted: defaultdict[Check, list[tuple[WatchedVirtual, WatchedServer]]] = defaultdict(list)
        for watched in self.virtuals.values():
            for server in watched.servers:
                if server is not None and server.check is not None:
                    wanted[server.check].append((watched, server))
        self._by_check = dict(wanted)
        self._answering = sum(server.is_answered for server in self.servers())
        self.pending = sum(server.check is not None and server.last is None for server in self.servers())
        if not wanted:
            self.suspicion = None


def _is_news(before: State, after: State) -> bool:
    """Return whether somebody is to be told; that a server is well which was in all along is none."""
    return after.standing is not before.standing and (after.is_in != before.is_in or not after.is_in)


def _transition(watched: WatchedVirtual, server: WatchedServer, reason: str) -> Transition:
    return Transition(
        virtual=watched.virtual.name,
        server=server.server.name,
        address=str(server.place[1].address),
        port=server.check.port if server.check else server.place[1].port,
        is_up=server.state.is_in,
        reason=reason,
    )


def _reason(before: State, after: State, result: Result, now: float) -> str:
    """Return why a server changed from `before`, in words."""
    count = before.streak + 1
    if after.standing is Standing.UP and before.standing is Standing.DOWN:
        return f"{count} checks in a row passed in {now - (before.streak_at if before.streak else now):.1f} s"
    if after.standing is Standing.UP:
        return f"first check passed: {result.message}"
    if count == 1:
        return result.message
    return f"{count} checks in a row failed in {now - before.streak_at:.1f} s: {result.message}"
