"""Rules about what follows from the checks: quorum, tiers, slow start, damping, degraded servers, load agents."""

from collections.abc import Iterator

from app.lvs.keywords.table import effective
from app.lvs.model.config import RealServer, VirtualServer
from app.lvs.model.printable import shown
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.model.values import AGENT, Scheduler

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
    there = f"{count} active server{'' if count == 1 else 's'} with a weight"
    if virtual.quorum is not None and quorum > count:
        then = "the sorry server always answers alone" if virtual.sorry_server else "it is always lost"
        yield _warning(
            path, "quorum", f"The Quorum is {quorum}, and there are {there}: {then}. Write at most {count or 1}."
        )
    elif margin and quorum + margin > count:
        yield _warning(
            path,
            "quorum_margin",
            f"Once lost, the quorum needs {quorum + margin} servers to come back, and there are {there}: it stays "
            f"lost. Make quorum and margin together at most {count}.",
        )


def _max_out_problems(virtual: VirtualServer, active: list[RealServer], path: Path) -> Iterator[Problem]:
    if virtual.max_out is None or not 0 <= virtual.max_out < 100:
        return
    if len(active) * virtual.max_out // 100 == 0:
        yield _warning(
            path,
            "max_out",
            f"{virtual.max_out} percent of {len(active)} active servers is less than one: no server is taken out "
            "because of failed checks, and clients are sent to those that have failed. Write at least "
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
            stands = "it is the first to serve" if below is None else f"it comes right after tier {below}"
            yield _warning(
                (*path, "server", place),
                "tier",
                f"The Tier is {tier}, and there is no active server of tier {tier - 1}: {stands}. Number the "
                "tiers from 0 without a gap.",
            )
    need = effective(virtual, "tier_need")
    if len(counts) < 2:
        if virtual.tier_need is not None and need > 1:
            yield _warning(
                path,
                "tier_need",
                "It has no effect: all active servers are of one tier. Give those that are to stand by a Tier of "
                "1, or clear it.",
            )
        return
    first = counts[min(counts)]
    if need > first:
        yield _warning(
            path,
            "tier_need",
            f"{need} servers are needed, and the first tier has {first}: so those of the next tier always serve. "
            f"Write at most {first}.",
        )


def _slow_start_problems(virtual: VirtualServer, active: list[RealServer], path: Path) -> Iterator[Problem]:
    if effective(virtual, "slow_start") > 0 and all(effective(server, "weight") < 2 for server in active):
        yield _warning(
            path,
            "slow_start",
            "It has no effect: no server has a weight above 1, so there are no steps to it. Give all ten times "
            "their weight, such as 10.",
        )


def _damping_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    damping_s, reentry_s = effective(virtual, "damping"), effective(virtual, "reentry")
    if damping_s > reentry_s and virtual.rise is None:
        yield _warning(
            path,
            "damping",
            f"Flap damping of {damping_s} s is longer than the Re-entry Time of {reentry_s} s: a server that "
            f"went out stays out for {damping_s} s though it answers again, and one that has come back stays in "
            "for as long though it fails. Write less, or make sure that this is meant.",
        )


def _degraded_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    if virtual.degraded_ms is None:
        if effective(virtual, "degraded_weight") != 100:
            yield _warning(
                path,
                "degraded_weight",
                "It has no effect without Degraded from: set that, such as 500, or clear this.",
            )
        return
    limit_s = virtual.check_limit or effective(virtual, "timeout")
    if virtual.degraded_ms >= limit_s * 1000:
        yield _warning(
            path,
            "degraded_ms",
            f"Degraded from {virtual.degraded_ms} ms is not below the {limit_s} s a check may take: a server so "
            f"slow has failed before it is degraded. Write less than {limit_s * 1000}.",
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
                f"The scheduler {scheduler} does not look at weights, so nothing comes of this. Choose one that "
                "does, such as wlc or wrr.",
            )
        elif scheduler is Scheduler.FO:
            yield _warning(
                path,
                name,
                "The scheduler fo sends all clients to the server with the highest weight: a weight that changes "
                "by itself moves them all to another. Choose another scheduler, or clear this.",
            )


def _load_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    tool = virtual.load_monitor or "none"
    if tool == AGENT:
        if virtual.load_port is None:
            yield Problem(
                Severity.ERROR,
                (*path, "load_port"),
                "Load monitoring tool is agent, and Load port is not set: set the TCP port the servers say their "
                "load on, or clear Load monitoring tool.",
            )
        return
    if tool in _PIRANHAS_LOAD:
        yield _warning(
            path,
            "load_monitor",
            f"{tool} is gone from today's systems: it is kept, and the weights stay as they are written. Set it "
            "to agent and run a load agent on the servers, or to none.",
        )
    elif tool != "none":
        yield _warning(
            path,
            "load_monitor",
            f"Load monitoring tool is {shown(tool)}, which Piranha ran as a program: here nothing runs it, and "
            "the weights stay as they are written. Set it to agent and run a load agent on the servers, or to "
            "none.",
        )
    for name in ("load_port", "load_step", "load_floor"):
        if getattr(virtual, name) is not None:
            yield _warning(
                path,
                name,
                "It has no effect: Load monitoring tool is not agent. Set that to agent, or clear this.",
            )
