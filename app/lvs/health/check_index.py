"""Which servers use which check. Equal checks are run once; the result counts for every server that uses it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from app.lvs.checks.check import Check, Outcome, Result
from app.lvs.health.monitored import Monitored, MonitoredCheck, MonitoredLoad, MonitoredServer, MonitoredVirtual

CheckUser = tuple[MonitoredVirtual, MonitoredServer, MonitoredCheck]
LoadUser = tuple[MonitoredVirtual, MonitoredServer, MonitoredLoad]


class CheckIndex:
    """Finds the users of a check, and counts without going through them all.

    `pending` is the number of checks that wait for a first result, `answering` the number of those whose last
    result shows that the server was reached.
    """

    def __init__(self) -> None:
        self.pending = 0
        self.answering = 0
        self._users: dict[Check, list[CheckUser]] = {}
        self._load_users: dict[Check, list[LoadUser]] = {}

    @property
    def checks(self) -> Iterable[Check]:
        """All checks, each once; those of load agents last."""
        return (*self._users, *self._load_users)

    @property
    def has_health_checks(self) -> bool:
        """Whether there is a check that can take a server out of rotation."""
        return bool(self._users)

    def users(self, check: Check) -> Sequence[CheckUser]:
        """Return the servers whose health depends on `check`."""
        return self._users.get(check, ())

    def load_users(self, check: Check) -> Sequence[LoadUser]:
        """Return the servers whose load agent is queried by `check`."""
        return self._load_users.get(check, ())

    def last_of(self, checks: Iterable[Check]) -> dict[Check, MonitoredCheck]:
        """Return what is known of those of `checks` that are already being run."""
        return {check: users[0][2] for check in checks if (users := self._users.get(check))}

    def add(self, monitored: MonitoredVirtual) -> None:
        """Add the checks of a virtual server."""
        self._count(monitored, 1)
        for server, check in each_check(monitored):
            self._users.setdefault(check.check, []).append((monitored, server, check))
        for server, load in _each_load(monitored):
            self._load_users.setdefault(load.check, []).append((monitored, server, load))

    def remove(self, monitored: MonitoredVirtual) -> None:
        """Remove the checks of a virtual server."""
        self._count(monitored, -1)
        for _, check in each_check(monitored):
            _remove_users(self._users, check.check, monitored)
        for _, load in _each_load(monitored):
            _remove_users(self._load_users, load.check, monitored)

    def record(self, check: MonitoredCheck, result: Result, due: float) -> None:
        """Store `result` as the last one of a health check."""
        self.pending -= check.last is None
        self._store(check, result, due)

    def record_load(self, load: MonitoredLoad, result: Result, due: float) -> None:
        """Store `result` as the last one of a load agent."""
        self._store(load, result, due)

    def _store(self, check: Monitored, result: Result, due: float) -> None:
        self.answering += result.is_reached - check.is_answered
        check.last, check.last_at = result, due
        if result.outcome is not Outcome.NOT_RUN:
            check.not_run_since = None
        elif check.not_run_since is None:
            check.not_run_since = due

    def _count(self, monitored: MonitoredVirtual, sign: int) -> None:
        for _, check in each_check(monitored):
            self.pending += sign * (check.last is None)
            self.answering += sign * check.is_answered
        for _, load in _each_load(monitored):
            self.answering += sign * load.is_answered


def each_check(monitored: MonitoredVirtual) -> Iterator[tuple[MonitoredServer, MonitoredCheck]]:
    """Yield each health check of a virtual server with the server it belongs to."""
    for server in monitored.servers:
        if server is not None:
            yield from ((server, check) for check in server.checks)


def _each_load(monitored: MonitoredVirtual) -> Iterator[tuple[MonitoredServer, MonitoredLoad]]:
    for server in monitored.servers:
        if server is not None and server.load is not None:
            yield server, server.load


def _remove_users(users: dict[Check, list[Any]], check: Check, monitored: MonitoredVirtual) -> None:
    left = [user for user in users.get(check, ()) if user[0] is not monitored]
    if left:
        users[check] = left
    else:
        users.pop(check, None)
