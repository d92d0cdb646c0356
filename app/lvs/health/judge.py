"""Judges the results of checks: which server may have clients, and why. Runs no check and touches no table.

It is told results and the time, and keeps the states; what it concludes is read as `health`.
"""

from collections.abc import Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush
from typing import Any

from app.lvs.checks.check import Check, Outcome, Result
from app.lvs.checks.load_agent import load_after, parse_load
from app.lvs.desired.table import Health, service_key
from app.lvs.health.decision import decide
from app.lvs.health.isolation import FailedServer, failed_together
from app.lvs.health.monitored import MonitoredCheck, MonitoredLoad, MonitoredServer, MonitoredVirtual
from app.lvs.health.setup import KernelState, watch
from app.lvs.health.state import HealthStatus, State, combine, step
from app.lvs.health.transitions import (
    DirectorIsolation,
    HealthEvent,
    administered,
    degraded,
    moved,
    outcome,
    quorum,
    why_changed,
)
from app.lvs.health.weights import is_slow, mean_after
from app.lvs.ipvs.table import ServiceKey, Table
from app.lvs.keywords.table import effective
from app.lvs.model.admin_state import admin_of
from app.lvs.model.check_kinds import LoadKind
from app.lvs.model.config import Config
from app.lvs.model.values import AdminState, ClusterType

Asker = tuple[MonitoredVirtual, MonitoredServer, MonitoredCheck]
LoadAsker = tuple[MonitoredVirtual, MonitoredServer, MonitoredLoad]


class HealthJudge:
    """The one owner of every server's state.

    `changes` counts the times that `health` became another, `pending` the checks that wait for a first result.
    Of the two times it is told, `due` is when a check was to be run, and what its rules count in; `now`, which
    never goes back, is the time of the kernel's changes.
    """

    def __init__(self) -> None:
        self.virtuals: dict[int, MonitoredVirtual] = {}
        self.suspicion: DirectorIsolation | None = None
        self.changes = 0
        self.pending = 0
        self._askers: dict[Check, list[Asker]] = {}
        self._load_askers: dict[Check, list[LoadAsker]] = {}
        self._dues: list[tuple[float, int, MonitoredVirtual]] = []
        self._ends: list[tuple[float, int, MonitoredVirtual, MonitoredServer]] = []
        self._pushed = 0
        self._count = 0
        self._answering = 0

    def apply_config(self, config: Config, table: Table, now: float, clock_s: float) -> list[HealthEvent]:
        """Judge the servers of `config` from now on; return what is known at once of those that are new.

        A server known before keeps its state. Of a new one nothing is known, unless another server of the same
        check has just been heard: until its first result it is in if `table`, what the kernel holds, has it, and
        out otherwise. `clock_s` is in seconds since the epoch.
        """
        events = self.tick(now, clock_s)
        network = effective(config, "network")
        is_run = effective(config, "service") is ClusterType.LVS
        known = {id(watched.virtual): watched for watched in self.virtuals.values() if watched.network is network}
        stay = {id(virtual) for virtual in config.virtual if is_run and virtual.active and id(virtual) in known}
        gone = [
            watched
            for watched in self.virtuals.values()
            if id(watched.virtual) not in stay or watched.network is not network
        ]
        earlier = {watched.key: watched for watched in gone}
        moment = KernelState(now, clock_s)
        taken: set[ServiceKey] = set()
        anew: list[MonitoredVirtual] = []
        self.virtuals = {}
        for position, virtual in enumerate(config.virtual if is_run else ()):
            if not virtual.active:
                continue
            if id(virtual) in stay:
                watched: MonitoredVirtual | None = known[id(virtual)]
            else:
                key = service_key(virtual)
                watched = watch(virtual, network, earlier.get(key) if key else None, table, moment)
            if watched is None or watched.key in taken:
                # Two share a key in the kernel, and the first one has it.
                gone.extend([watched] if watched is not None and id(virtual) in stay else [])
                continue
            taken.add(watched.key)
            self.virtuals[position] = watched
            anew.extend([] if id(virtual) in stay else [watched])
        self._count = len(config.virtual)
        heard = self._last_of(check.check for watched in anew for _, check in _each_check(watched))
        self._index(gone, anew)
        for watched in anew:
            events.extend(self._begin(watched, earlier.get(watched.key), now))
        events.extend(self._heard_already(anew, heard, now))
        return events

    @property
    def checks(self) -> Iterable[Check]:
        """The checks to run, each once."""
        return (*self._askers, *self._load_askers)

    @property
    def health(self) -> Health:
        """Who may have clients, for `desired`."""
        return [
            watched.presence if (watched := self.virtuals.get(position)) else None
            for position in range(self._count)
        ]

    def servers(self) -> Iterator[MonitoredServer]:
        """Yield every server that is judged."""
        for watched in self.virtuals.values():
            yield from (server for server in watched.servers if server is not None)

    def is_undecided(self, check: Check) -> bool:
        """Return whether one more failure of `check` may take a server out, after the last one did not."""
        return any(
            asker.state.streak > 0 and asker.state.standing is not HealthStatus.DOWN
            for _, _, asker in self._askers.get(check, ())
        )

    def judge(self, check: Check, result: Result, due: float, now: float | None = None) -> list[HealthEvent]:
        """Take in the `result` of a `check` that was `due`; return what changed by it, empty mostly.

        `now` is when the result came; None: at once.
        """
        at = due if now is None else now
        events: list[HealthEvent] = []
        if self.suspicion is not None and result.is_reached:
            self.suspicion = None
            events.append(DirectorIsolation(False, f"the servers are judged again: {result.message}"))
        answering = self._answering
        if check.kind is LoadKind.AGENT:
            for load_asker in self._load_askers.get(check, ()):
                events.extend(self._weigh(load_asker, result, due, at))
            return self._suspect(events, due, at) if answering and not self._answering else events
        is_judged = result.outcome is not Outcome.NOT_RUN and (self.suspicion is None or result.is_reached)
        is_suspect = False
        for asker in self._askers.get(check, ()):
            server, was = asker[1], asker[1].state
            events.extend(self._take_in(asker, result, due, at, is_judged))
            is_suspect |= server.state is not was and server.state.standing is HealthStatus.DOWN
            # One check took it out; that the others are silent too is heard only now.
            is_suspect |= bool(answering) and not self._answering and len(server.checks) > 1
        return self._suspect(events, due, at) if is_suspect else events

    def tick(self, now: float, clock_s: float) -> list[HealthEvent]:
        """Let happen what time alone brings about, and return it; this costs nothing while nothing is due."""
        events: list[HealthEvent] = []
        while self._ends and self._ends[0][0] <= clock_s:
            _, _, watched, server = heappop(self._ends)
            before, server.admin = server.admin, admin_of(server.server, clock_s)
            # What the checks did before is no reason to put off what a person has said.
            server.moved_at = None
            events.append(administered(watched, server, before))
            events.extend(self._decide(watched, now))
        is_due: dict[int, MonitoredVirtual] = {}
        while self._dues and self._dues[0][0] <= now:
            at, _, watched = heappop(self._dues)
            if watched.due == at:
                is_due[id(watched)] = watched
        for watched in is_due.values():
            watched.due = None
            events.extend(self._decide(watched, now))
        return events

    def _take_in(
        self, asker: Asker, result: Result, due: float, now: float, is_judged: bool
    ) -> Iterable[HealthEvent]:
        watched, server, asked = asker
        is_first, was_slow, before = asked.last is None, asked.is_slow, asked.state
        has_passed = result.outcome is Outcome.PASSED
        self._answering += result.is_reached - asked.is_answered
        self.pending -= is_first
        asked.last, asked.last_at = result, due
        if is_judged and not (has_passed and before.standing is HealthStatus.UP and not before.streak):
            asked.state = step(before, has_passed, server.rules, due)
        if watched.weighing.degraded_s is not None and is_judged:
            _time(asked, result, watched.weighing.degraded_s)
        if asked.state.standing is before.standing and not is_first and asked.is_slow == was_slow:
            return ()
        return self._conclude(asker, before, result, due, now, was_slow)

    def _conclude(
        self, asker: Asker, before: State, result: Result, due: float, now: float, was_slow: bool
    ) -> list[HealthEvent]:
        """Make of a check that changed a server that perhaps did, and of that who is in."""
        watched, server, asked = asker
        was = server.state
        server.state = combine(was, [other.state.standing for other in server.checks], server.needed, due)
        if server.state.standing is not was.standing:
            server.why = why_changed(server, asked, before, result, due)
            if server.state.standing is HealthStatus.DOWN:
                server.failed_at = due
        # Checks that pass are no news of a server that stays out by its own word.
        is_news = _is_news(was, server.state) and server.is_well == server.state.is_in
        events = self._decide(watched, now, server, server.why if is_news else "")
        if asked.is_slow != was_slow and asked.state.standing is HealthStatus.UP:
            events.append(degraded(watched, server))
        return events

    def _weigh(self, asker: LoadAsker, result: Result, due: float, now: float) -> Iterable[HealthEvent]:
        """Take in what a load agent said; one that does not answer changes nothing."""
        watched, server, agent = asker
        self._answering += result.is_reached - agent.is_answered
        agent.last, agent.last_at = result, due
        if result.outcome is not Outcome.PASSED:
            return ()
        weighing, before, was_well = watched.weighing, agent.load, server.is_well
        agent.load = load_after(before, parse_load(result.said), weighing.load_step, weighing.load_floor)
        if agent.load == before:
            return ()
        if agent.load.stance is before.stance:
            return self._decide(watched, now)
        said = f"its load agent says {agent.load.stance.value}"
        is_news = server.is_well != was_well
        if is_news:
            server.why, server.failed_at = said, now
        return self._decide(watched, now, server, said if is_news else "")

    def _begin(
        self, watched: MonitoredVirtual, earlier: MonitoredVirtual | None, now: float
    ) -> Iterator[HealthEvent]:
        """Decide for the first time about what was made anew; return what a person has changed."""
        before = (
            {server.place: server.admin for server in earlier.servers if server is not None} if earlier else {}
        )
        for server in watched.servers:
            admin = before.get(server.place) if server is not None else None
            if server is not None and admin is not None and admin != server.admin:
                yield administered(watched, server, admin)
        decision = decide(watched, now)
        self._remind(watched)
        if decision.is_lost is not None and _tells_quorum(watched):
            yield quorum(watched, decision.up, decision.needed)

    def _last_of(self, checks: Iterable[Check]) -> dict[Check, MonitoredCheck]:
        """Return what is known of those of `checks` that are run already."""
        return {check: askers[0][2] for check in checks if (askers := self._askers.get(check))}

    def _heard_already(
        self, anew: Iterable[MonitoredVirtual], heard: Mapping[Check, MonitoredCheck], now: float
    ) -> Iterator[HealthEvent]:
        """Judge each new server by the last result of its check, if that is run already."""
        for watched in anew:
            for server, monitored in _each_check(watched):
                known, check = heard.get(monitored.check), monitored.check
                if monitored.last is not None or known is None or known.last is None or known.last_at is None:
                    continue
                if now - known.last_at <= check.interval_s + check.limit_s:
                    is_judged = known.last.outcome is not Outcome.NOT_RUN and self.suspicion is None
                    asker = (watched, server, monitored)
                    yield from self._take_in(asker, known.last, known.last_at, now, is_judged)

    def _suspect(self, events: list[HealthEvent], due: float, now: float) -> list[HealthEvent]:
        """Where everything went at once, put back what went, and return the events that make it so."""
        if self._answering:
            return events
        counted = [
            (watched, server)
            for watched in self.virtuals.values()
            for server in watched.servers
            if server is not None and server.admin.state is not AdminState.MAINTENANCE
        ]
        if any(server.state.is_in for _, server in counted if server.is_asked):
            return events
        down = [
            (watched, server)
            for watched, server in counted
            if server.state.standing is HealthStatus.DOWN and server.state.had_clients
        ]
        fallen = {
            id(server): FailedServer(server.place[1].address, server.state.since, server.notice_s)
            for _, server in down
        }
        recent = failed_together(fallen.values(), due)
        if not recent:
            return events
        self.suspicion = DirectorIsolation(
            True,
            f"all {len(recent)} servers fell silent at once: this director's own network is the likelier cause, "
            "so the last set is kept until one of them answers",
        )
        put_back = [(watched, server) for watched, server in down if fallen[id(server)] in recent]
        for _, member in put_back:
            _put_back(member, due)
        kept: list[HealthEvent] = [*events, self.suspicion]
        for watched in {id(watched): watched for watched, _ in put_back}.values():
            kept.extend(self._decide(watched, now))
        kept.extend(outcome(watched, server, server.why) for watched, server in put_back if server.is_ready)
        return kept

    def _decide(
        self, watched: MonitoredVirtual, now: float, about: MonitoredServer | None = None, reason: str = ""
    ) -> list[HealthEvent]:
        """Decide anew about `watched`; `reason` is what was heard of one server, `about`, if that is news."""
        before, due = watched.presence, watched.due
        decision = decide(watched, now)
        self.changes += watched.presence != before
        if watched.due != due:
            self._remind(watched)
        events: list[HealthEvent] = []
        if about is not None and reason and about.is_ready:
            events.append(outcome(watched, about, reason))
        for move in decision.moves:
            if move.server is not about or not reason:
                event = moved(watched, move.server, move.was_held.cause if move.was_held else None)
                events.extend([event] if event is not None else [])
        if decision.is_lost is not None and _tells_quorum(watched):
            events.append(quorum(watched, decision.up, decision.needed))
        return events

    def _remind(self, watched: MonitoredVirtual) -> None:
        if watched.due is not None:
            self._pushed += 1
            heappush(self._dues, (watched.due, self._pushed, watched))

    def _index(self, gone: Iterable[MonitoredVirtual], anew: Iterable[MonitoredVirtual]) -> None:
        """Take up in what order and for whom things are to be done; only what changed is looked at."""
        for watched in gone:
            self._count_in(watched, -1)
            for _, check in _each_check(watched):
                _take_from(self._askers, check.check, watched)
            for _, load in _each_load(watched):
                _take_from(self._load_askers, load.check, watched)
        for watched in anew:
            self._count_in(watched, 1)
            for server, asking in _each_check(watched):
                self._askers.setdefault(asking.check, []).append((watched, server, asking))
            for server, load in _each_load(watched):
                self._load_askers.setdefault(load.check, []).append((watched, server, load))
        self._ends, self._dues = [], []
        for watched in self.virtuals.values():
            self._remind(watched)
            for ending in watched.servers:
                if ending is not None and ending.admin.until is not None:
                    self._pushed += 1
                    self._ends.append((ending.admin.until, self._pushed, watched, ending))
        heapify(self._ends)
        if not self._askers:
            self.suspicion = None

    def _count_in(self, watched: MonitoredVirtual, sign: int) -> None:
        """Count what `watched` waits for, and what answers; out again when `sign` is -1."""
        for _, check in _each_check(watched):
            self.pending += sign * (check.last is None)
            self._answering += sign * check.is_answered
        for _, load in _each_load(watched):
            self._answering += sign * load.is_answered


def _each_check(watched: MonitoredVirtual) -> Iterator[tuple[MonitoredServer, MonitoredCheck]]:
    for server in watched.servers:
        if server is not None:
            yield from ((server, check) for check in server.checks)


def _each_load(watched: MonitoredVirtual) -> Iterator[tuple[MonitoredServer, MonitoredLoad]]:
    for server in watched.servers:
        if server is not None and server.load is not None:
            yield server, server.load


def _take_from(askers: dict[Check, list[Any]], check: Check, watched: MonitoredVirtual) -> None:
    """Let nobody of `watched` ask for `check` any more."""
    left = [asker for asker in askers.get(check, ()) if asker[0] is not watched]
    if left:
        askers[check] = left
    else:
        askers.pop(check, None)


def _is_news(before: State, after: State) -> bool:
    """Return whether somebody is to be told; that a server is well which was in all along is none."""
    return after.standing is not before.standing and (after.is_in != before.is_in or not after.is_in)


def _tells_quorum(watched: MonitoredVirtual) -> bool:
    """Return whether somebody asked for a quorum: that the last server went is told anyway."""
    return watched.policy.quorum > 1 or watched.policy.quorum_margin > 0


def _time(check: MonitoredCheck, result: Result, threshold_s: float) -> None:
    """Keep the mean of a check's answers; a failure begins it anew once the server is down."""
    if result.outcome is Outcome.PASSED:
        check.mean_s = mean_after(check.mean_s, result.duration_s)
        check.is_slow = is_slow(check.mean_s, threshold_s, check.is_slow)
    elif check.state.standing is HealthStatus.DOWN:
        check.mean_s, check.is_slow = None, False


def _put_back(server: MonitoredServer, now: float) -> None:
    server.state = State(HealthStatus.UP, True, now)
    for check in server.checks:
        if check.state.standing is HealthStatus.DOWN:
            check.state = State(HealthStatus.UP, True, now)
    server.moved_at, server.why = None, "kept: the director suspects itself"
