"""When every server fails at once, the director itself is the likelier cause.

It appears to be isolated when nothing at all answers any more, not even with a refusal, and all servers that
were in rotation went down within the time that every check needs to notice one common cause. Taking all of them
out of rotation would then help nobody.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.lvs.health.monitored import MonitoredServer, MonitoredVirtual
from app.lvs.health.state import HealthStatus, State
from app.lvs.model.values import Address, AdminState

ADDRESSES_MIN = 2
"""A single machine that falls silent has failed on its own."""


@dataclass(frozen=True, slots=True)
class FailedServer:
    """A server that was in rotation and is down: since when, and how long its checks take to notice a failure."""

    address: Address
    down_at: float
    notice_s: float


def failed_together(failed: Collection[FailedServer], now: float) -> list[FailedServer]:
    """Return those of `failed` that went down at once; empty when they are fewer than two machines.

    The caller has made sure that nothing answers and that no server is left in rotation.
    """
    window_s = max((server.notice_s for server in failed), default=0.0)
    recent = [server for server in failed if now - server.down_at <= window_s]
    return recent if len({server.address for server in recent}) >= ADDRESSES_MIN else []


def isolated_servers(
    virtuals: Iterable[MonitoredVirtual], now: float
) -> list[tuple[MonitoredVirtual, MonitoredServer]]:
    """Return the servers to restore because the director appears to be isolated; empty: it does not.

    The caller has made sure that nothing answers.
    """
    counted = [
        (monitored, server)
        for monitored in virtuals
        for server in monitored.servers
        if server is not None and server.admin.state is not AdminState.MAINTENANCE
    ]
    if any(server.state.is_in for _, server in counted if server.is_checked):
        return []
    down = [
        (monitored, server)
        for monitored, server in counted
        if server.state.standing is HealthStatus.DOWN and server.state.had_clients
    ]
    failed = {
        id(server): FailedServer(server.place[1].address, server.state.since, server.notice_s)
        for _, server in down
    }
    recent = failed_together(failed.values(), now)
    return [(monitored, server) for monitored, server in down if failed[id(server)] in recent] if recent else []


def restore(server: MonitoredServer, now: float) -> None:
    """Count `server` and all its checks as up again."""
    server.state = State(HealthStatus.UP, True, now)
    for check in server.checks:
        if check.state.standing is HealthStatus.DOWN:
            check.state = State(HealthStatus.UP, True, now)
    server.moved_at, server.why = None, "kept in rotation: the director appears to be isolated"
