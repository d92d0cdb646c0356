"""Evaluates the results of checks: which servers are in rotation, and why. Runs no check and touches no table.

It receives results and the time, and keeps the states; what follows from them is read as `health`.
"""

from collections.abc import Iterable, Iterator, Mapping

from app.lvs.checks.check import Check, Outcome, Result
from app.lvs.checks.load_agent import load_after, parse_load
from app.lvs.desired.table import Health
from app.lvs.health.check_index import CheckIndex, CheckUser, LoadUser, each_check
from app.lvs.health.config_change import monitor_config
from app.lvs.health.deadlines import Deadlines
from app.lvs.health.decision import decide
from app.lvs.health.isolation import isolated_servers, restore
from app.lvs.health.monitored import MonitoredCheck, MonitoredServer, MonitoredVirtual
from app.lvs.health.setup import Clocks
from app.lvs.health.state import HealthStatus, State, combine, step
from app.lvs.health.transitions import (
    DirectorIsolation,
    HealthEvent,
    administered,
    degraded,
    moved,
    outcome,
    quorum,
    unasked,
    why_changed,
)
from app.lvs.health.weights import is_slow, mean_after
from app.lvs.ipvs.table import Table
from app.lvs.model.admin_state import admin_of
from app.lvs.model.check_kinds import LoadKind
from app.lvs.model.config import Config


class HealthJudge:
    """The one owner of every server's state.

    `changes` counts how often `health` has changed. Of the two times in its methods, `due` is when a check was
    scheduled, which its rules count in; `now`, which never goes back, is the time of changes to the kernel.
    """

    def __init__(self) -> None:
        self.virtuals: dict[int, MonitoredVirtual] = {}
        self.isolation: DirectorIsolation | None = None
        self.changes = 0
        self.index = CheckIndex()
        self._deadlines = Deadlines()
        self._count = 0

    def apply_config(self, config: Config, table: Table, now: float, clock_s: float) -> list[HealthEvent]:
        """Evaluate the servers of `config` from now on; return what is already known of new ones.

        A server known before keeps its state. A new one is unknown unless another server with the same check has
        a recent result: until its first result it is in rotation if the kernel has it in `table`, and out
        otherwise. `clock_s` is in seconds since the epoch.
        """
        events = self.tick(now, clock_s)
        change = monitor_config(config, self.virtuals, table, Clocks(now, clock_s))
        self.virtuals, self._count = change.virtuals, len(config.virtual)
        known = self.index.last_of(check.check for monitored in change.added for _, check in each_check(monitored))
        for monitored in change.gone:
            self.index.remove(monitored)
        for monitored in change.added:
            self.index.add(monitored)
        self._deadlines.reset(self.virtuals.values())
        if not self.index.has_health_checks:
            self.isolation = None
        for monitored in change.added:
            events.extend(self._begin(monitored, change.earlier.get(monitored.key), now))
        events.extend(self._use_known_results(change.added, known, now))
        return events

    @property
    def checks(self) -> Iterable[Check]:
        """The checks to run, each once."""
        return self.index.checks

    @property
    def pending(self) -> int:
        """The number of checks that wait for a first result."""
        return self.index.pending

    @property
    def health(self) -> Health:
        """The servers in rotation, for `desired`."""
        return [
            monitored.presence if (monitored := self.virtuals.get(position)) else None
            for position in range(self._count)
        ]

    def servers(self) -> Iterator[MonitoredServer]:
        """Yield every server that is monitored."""
        for monitored in self.virtuals.values():
            yield from (server for server in monitored.servers if server is not None)

    def is_undecided(self, check: Check) -> bool:
        """Return whether one more failure of `check` may take a server out, after the last one did not."""
        return any(
            used.state.streak > 0 and used.state.standing is not HealthStatus.DOWN
            for _, _, used in self.index.users(check)
        )

    def judge(self, check: Check, result: Result, due: float, now: float | None = None) -> list[HealthEvent]:
        """Evaluate the `result` of a `check` that was `due`; return what it changed, mostly nothing.

        `now` is when the result arrived; None: when it was due.
        """
        at = due if now is None else now
        events: list[HealthEvent] = []
        if self.isolation is not None and result.is_reached:
            self.isolation = None
            events.append(DirectorIsolation(False, f"a server answers again: {result.message}"))
        was_answering = self.index.answering
        if check.kind is LoadKind.AGENT:
            for load_user in self.index.load_users(check):
                events.extend(self._weigh(load_user, result, due, at))
            has_stopped = was_answering and not self.index.answering
            return self._detect_isolation(events, due, at) if has_stopped else events
        is_counted = result.outcome is not Outcome.NOT_RUN and (self.isolation is None or result.is_reached)
        is_suspect = False
        for user in self.index.users(check):
            server, was = user[1], user[1].state
            events.extend(self._take_in(user, result, due, at, is_counted))
            is_suspect |= server.state is not was and server.state.standing is HealthStatus.DOWN
            # A server with several checks may be down already when the last of them turns silent.
            is_suspect |= bool(was_answering) and not self.index.answering and len(server.checks) > 1
        return self._detect_isolation(events, due, at) if is_suspect else events

    def tick(self, now: float, clock_s: float) -> list[HealthEvent]:
        """Apply and return what has become due without a result; cheap while nothing is due."""
        events: list[HealthEvent] = []
        for monitored, server in self._deadlines.ended_admin_states(clock_s):
            before, server.admin = server.admin, admin_of(server.server, clock_s)
            # An administrator's decision is not delayed by what the checks did before.
            server.moved_at = None
            events.append(administered(monitored, server, before))
            events.extend(self._decide(monitored, now))
        for monitored in self._deadlines.due_reviews(now):
            monitored.due = None
            events.extend(self._decide(monitored, now))
        return events

    def _take_in(
        self, user: CheckUser, result: Result, due: float, now: float, is_counted: bool
    ) -> Iterable[HealthEvent]:
        monitored, server, check = user
        is_first, was_slow, before = check.last is None, check.is_slow, check.state
        has_passed = result.outcome is Outcome.PASSED
        self.index.record(check, result, due)
        if is_counted and not (has_passed and before.standing is HealthStatus.UP and not before.streak):
            check.state = step(before, has_passed, server.rules, due)
        if monitored.weighing.degraded_s is not None and is_counted:
            _time(check, result, monitored.weighing.degraded_s)
        noted = _note_unasked(user, result, due) if check.not_run_since is not None or server.is_unasked else ()
        if check.state.standing is before.standing and not is_first and check.is_slow == was_slow:
            return noted
        return [*noted, *self._conclude(user, before, result, due, now, was_slow)]

    def _conclude(
        self, user: CheckUser, before: State, result: Result, due: float, now: float, was_slow: bool
    ) -> list[HealthEvent]:
        """Combine a check that changed with the server's other checks, and decide who is in rotation."""
        monitored, server, check = user
        was = server.state
        server.state = combine(was, [other.state.standing for other in server.checks], server.needed, due)
        if server.state.standing is not was.standing:
            server.why = why_changed(server, check, before, result, due)
            if server.state.standing is HealthStatus.DOWN:
                server.failed_at = due
        # Passing checks are not worth an event while the load agent keeps the server out.
        is_news = _is_news(was, server.state) and server.is_healthy == server.state.is_in
        events = self._decide(monitored, now, server, server.why if is_news else "")
        if check.is_slow != was_slow and check.state.standing is HealthStatus.UP:
            events.append(degraded(monitored, server))
        return events

    def _weigh(self, user: LoadUser, result: Result, due: float, now: float) -> Iterable[HealthEvent]:
        """Evaluate what a load agent reported; one that does not answer changes nothing."""
        monitored, server, agent = user
        self.index.record_load(agent, result, due)
        if result.outcome is not Outcome.PASSED:
            return ()
        weighing, before, was_healthy = monitored.weighing, agent.load, server.is_healthy
        agent.load = load_after(before, parse_load(result.agent_line), weighing.load_step, weighing.load_floor)
        if agent.load == before:
            return ()
        if agent.load.stance is before.stance:
            return self._decide(monitored, now)
        reason = f"its load agent reports {agent.load.stance.value}"
        is_news = server.is_healthy != was_healthy
        if is_news:
            server.why, server.failed_at = reason, now
        return self._decide(monitored, now, server, reason if is_news else "")

    def _begin(
        self, monitored: MonitoredVirtual, earlier: MonitoredVirtual | None, now: float
    ) -> Iterator[HealthEvent]:
        """Decide for the first time about a new or edited virtual server; yield what an administrator changed."""
        before = (
            {server.place: server.admin for server in earlier.servers if server is not None} if earlier else {}
        )
        for server in monitored.servers:
            admin = before.get(server.place) if server is not None else None
            if server is not None and admin is not None and admin != server.admin:
                yield administered(monitored, server, admin)
        decision = decide(monitored, now)
        self._deadlines.add_review(monitored)
        if decision.is_lost is not None and _reports_quorum(monitored):
            yield quorum(monitored, decision.up, decision.needed)

    def _use_known_results(
        self, added: Iterable[MonitoredVirtual], known: Mapping[Check, MonitoredCheck], now: float
    ) -> Iterator[HealthEvent]:
        """Evaluate each new server by the last result of its check, if that is already being run and is recent."""
        for monitored in added:
            for server, check in each_check(monitored):
                same = known.get(check.check)
                if check.last is not None or same is None or same.last is None or same.last_at is None:
                    continue
                if now - same.last_at <= check.check.interval_s + check.check.limit_s:
                    is_counted = same.last.outcome is not Outcome.NOT_RUN and self.isolation is None
                    yield from self._take_in((monitored, server, check), same.last, same.last_at, now, is_counted)

    def _detect_isolation(self, events: list[HealthEvent], due: float, now: float) -> list[HealthEvent]:
        """If all servers failed at once, restore them and return the events of that instead of nothing."""
        failed = [] if self.index.answering else isolated_servers(self.virtuals.values(), due)
        if not failed:
            return events
        self.isolation = DirectorIsolation(
            True,
            f"the director appears to be isolated: all {len(failed)} servers stopped answering at once, so they "
            "stay in rotation until one of them answers",
        )
        for _, server in failed:
            restore(server, due)
        kept: list[HealthEvent] = [*events, self.isolation]
        for monitored in {id(monitored): monitored for monitored, _ in failed}.values():
            kept.extend(self._decide(monitored, now))
        kept.extend(outcome(monitored, server, server.why) for monitored, server in failed if server.is_ready)
        return kept

    def _decide(
        self, monitored: MonitoredVirtual, now: float, about: MonitoredServer | None = None, reason: str = ""
    ) -> list[HealthEvent]:
        """Decide about `monitored`; `reason` is what was learned about the server `about`, if that is news."""
        before, due = monitored.presence, monitored.due
        decision = decide(monitored, now)
        self.changes += monitored.presence != before
        if monitored.due != due:
            self._deadlines.add_review(monitored)
        events: list[HealthEvent] = []
        if about is not None and reason and about.is_ready:
            events.append(outcome(monitored, about, reason))
        for move in decision.moves:
            if move.server is not about or not reason:
                event = moved(monitored, move.server, move.was_held.cause if move.was_held else None)
                events.extend([event] if event is not None else [])
        if decision.is_lost is not None and _reports_quorum(monitored):
            events.append(quorum(monitored, decision.up, decision.needed))
        return events


def _note_unasked(user: CheckUser, result: Result, now: float) -> tuple[HealthEvent, ...]:
    """Note whether the server can be checked, and return the event if that has changed."""
    monitored, server, _ = user
    is_unasked = any(check.is_unasked(now) for check in server.checks)
    if is_unasked is server.is_unasked:
        return ()
    server.is_unasked = is_unasked
    return (unasked(monitored, server, result.message),)


def _is_news(before: State, after: State) -> bool:
    """Return whether a change is worth an event; a server that was in all along and passes its check is not."""
    return after.standing is not before.standing and (after.is_in != before.is_in or not after.is_in)


def _reports_quorum(monitored: MonitoredVirtual) -> bool:
    """Return whether a quorum is configured; that the last server went down is reported anyway."""
    return monitored.policy.quorum > 1 or monitored.policy.quorum_margin > 0


def _time(check: MonitoredCheck, result: Result, threshold_s: float) -> None:
    """Update the running mean of a check's response times; once the server is down, a failure resets it."""
    if result.outcome is Outcome.PASSED:
        check.mean_s = mean_after(check.mean_s, result.duration_s)
        check.is_slow = is_slow(check.mean_s, threshold_s, check.is_slow)
    elif check.state.standing is HealthStatus.DOWN:
        check.mean_s, check.is_slow = None, False
