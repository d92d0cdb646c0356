"""Rules about what follows from the checks: quorum, tiers, slow start, damping, degraded servers, load agents."""

from collections.abc import Iterator

from app.lvs.keywords.table import effective
from app.lvs.model.config import RealServer, VirtualServer
from app.lvs.model.printable import shown
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.model.schedulers import Scheduler
from app.lvs.model.values import AGENT

_PIRANHAS_LOAD = frozenset({"rup", "ruptime", "uptime"})
_BLIND = frozenset({Scheduler.RR, Scheduler.LC, Scheduler.DH})
"""The schedulers that do not look at weights, but for 0."""


def availability_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with who of `virtual` is kept and who replaces whom."""
    active = [server for server in virtual.server if server.active]
    if virtual.active and active:
        yield from _quorum_problems(virtual, active, path)
        yield from _max_out_problems(virtual, active, path)
        yield from _tier_problems(virtual, path)
        yield from _slow_start_problems(virtual, active, path)
    yield from _damping_problems(virtual, path)
    yield from _degraded_problems(virtual, path)
    yield from _weight_problems(virtual, path)
    yield from _load_problems(virtual, path)


def _warning(path: Path, name: str, text: str) -> Problem:
    return Problem(Severity.WARNING, (*path, name), text)


def _weighty(servers: list[RealServer]) -> list[RealServer]:
    """Return those of `servers` that can have new clients, which is what the quorum counts."""
    return [server for server in servers if effective(server, "weight") > 0]


def _quorum_problems(virtual: VirtualServer, active: list[RealServer], path: Path) -> Iterator[Problem]:
    quorum, margin, count = (
        effective(virtual, "quorum"),
        effective(virtual, "quorum_margin"),
        len(_weighty(active)),
    )
    there = f"{count} active server{'' if count == 1 else 's'} with a weight above 0"
    if virtual.quorum is not None and quorum > count:
        then = "only the sorry server ever serves" if virtual.sorry_server else "it is always lost"
        yield _warning(
            path,
            "quorum",
            (
                f"The Quorum is {quorum}, and there {'is' if count == 1 else 'are'} {there}: {then}. "
                f"Set at most {count or 1}."
            ),
        )
    elif margin and quorum + margin > count:
        yield _warning(
            path,
            "quorum_margin",
            f"A lost quorum requires {quorum + margin} servers to be regained, and there "
            f"{'is' if count == 1 else 'are'} {there}: it is never regained. Quorum and margin "
            f"together must be at most {count}.",
        )


def _max_out_problems(virtual: VirtualServer, active: list[RealServer], path: Path) -> Iterator[Problem]:
    if virtual.max_out is None or not 0 <= virtual.max_out < 100:
        return
    if len(active) * virtual.max_out // 100 == 0:
        yield _warning(
            path,
            "max_out",
            f"{virtual.max_out} percent of {len(active)} active servers is less than one server: no failed server "
            "is ever taken out of rotation, and clients are still sent to it. Set at least "
            f"{-(-100 // len(active))}.",
        )


def _tier_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    counts: dict[int, int] = {}
    for server in virtual.server:
        if server.active:
            counts[effective(server, "tier")] = counts.get(effective(server, "tier"), 0) + 1
    for place, server in enumerate(virtual.server):
        tier = effective(server, "tier")
        if server.active and tier > 0 and tier - 1 not in counts:
            below = max((count for count in counts if count < tier), default=None)
            stands = "this tier serves first" if below is None else f"this tier follows tier {below}"
            yield _warning(
                (*path, "server", place),
                "tier",
                f"The Tier is {tier}, and there is no active server of tier {tier - 1}: {stands}. Number the "
                "tiers from 0 without gaps.",
            )
    need = effective(virtual, "tier_need")
    if len(counts) < 2:
        if virtual.tier_need is not None and need > 1:
            yield _warning(
                path,
                "tier_need",
                "It has no effect: all active servers are of the same tier. Set Tier 1 on the servers to be kept "
                "in reserve, or clear it.",
            )
        return
    first = counts[min(counts)]
    if need > first:
        yield _warning(
            path,
            "tier_need",
            f"{need} servers are required, and the first tier has {first}: the next tier always "
            f"serves as well. Set at most {first}.",
        )


def _slow_start_problems(virtual: VirtualServer, active: list[RealServer], path: Path) -> Iterator[Problem]:
    if effective(virtual, "slow_start") > 0 and all(effective(server, "weight") < 2 for server in active):
        yield _warning(
            path,
            "slow_start",
            "It has no effect: no server has a weight above 1, so there are no steps. Multiply "
            "all weights, for example by 10.",
        )


def _damping_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    damping_s, reentry_s = effective(virtual, "damping"), effective(virtual, "reentry")
    if damping_s > reentry_s and virtual.rise is None:
        yield _warning(
            path,
            "damping",
            f"Flap damping of {damping_s} s is longer than the Re-entry Time of {reentry_s} s: a server taken out "
            f"of rotation stays out for {damping_s} s even if it passes its checks again, and one that has come "
            "back stays in for as long even if it fails. Reduce the time, or make sure that this is intended.",
        )


def _degraded_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    if virtual.degraded_ms is None:
        if effective(virtual, "degraded_weight") != 100:
            yield _warning(
                path,
                "degraded_weight",
                "It has no effect without Degraded from: set that to a value such as 500, or clear this.",
            )
        return
    limit_s = virtual.check_limit or effective(virtual, "timeout")
    if virtual.degraded_ms >= limit_s * 1000:
        yield _warning(
            path,
            "degraded_ms",
            f"Degraded from {virtual.degraded_ms} ms is not below the time limit of a check, {limit_s} s: a "
            f"server this slow fails before it is degraded. Set less than {limit_s * 1000}.",
        )


def _weight_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    scheduler = effective(virtual, "scheduler")
    wanted = {
        "slow_start": effective(virtual, "slow_start") > 0,
        "degraded_weight": virtual.degraded_ms is not None and effective(virtual, "degraded_weight") < 100,
        "load_monitor": virtual.load_monitor == AGENT,
    }
    for name in (name for name, is_wanted in wanted.items() if is_wanted):
        if scheduler in _BLIND:
            yield _warning(
                path,
                name,
                f"The scheduler {scheduler} ignores weights, so this has no effect. Use one "
                "that honours them, such as wlc or wrr.",
            )
        elif scheduler is Scheduler.FO:
            yield _warning(
                path,
                name,
                "The scheduler fo sends all clients to the server with the highest weight: a weight that changes "
                "automatically moves all of them to another server. Use another scheduler, or clear this.",
            )


def _load_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    tool = virtual.load_monitor or "none"
    if tool == AGENT:
        if virtual.load_port is None:
            yield Problem(
                Severity.ERROR,
                (*path, "load_port"),
                "Load monitoring tool is agent, and Load port is not set. Set the TCP port on which the servers "
                "report their load, or clear Load monitoring tool.",
            )
        return
    if tool in _PIRANHAS_LOAD:
        yield _warning(
            path,
            "load_monitor",
            f"{tool} no longer exists on current systems: the value is kept, and the weights stay as configured. "
            "Set it to agent and run a load agent on the servers, or set it to none.",
        )
    elif tool != "none":
        yield _warning(
            path,
            "load_monitor",
            f"Load monitoring tool is {shown(tool)}, which Piranha would run as a program: Palometa does not run "
            "it, and the weights stay as configured. Set it to agent and run a load agent on the "
            "servers, or set it to none.",
        )
    for name in ("load_port", "load_step", "load_floor"):
        if getattr(virtual, name) is not None:
            yield _warning(
                path,
                name,
                "It has no effect: Load monitoring tool is not agent. Set that to agent, or clear this.",
            )
