"""One real server's health as a state machine. Times are the caller's, in seconds.

A server is UNKNOWN until its first result that decides. Until then `is_in` is whether the kernel had it in
rotation when pulse started.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace

ROUNDING_S = 0.001
"""Times of a schedule are sums of floats."""


class HealthStatus(enum.StrEnum):
    UNKNOWN = "unknown"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Rules:
    """When a server goes down and comes back.

    `fall` failures in a row take it out. `rise` successes in a row bring it back, or, when None, successes for
    `reentry_s`, counted from the first of them.
    """

    reentry_s: float
    fall: int = 1
    rise: int | None = None


@dataclass(frozen=True, slots=True)
class State:
    """`since` is when `standing` began; `streak` counts like results in a row, the first of them at `streak_at`.

    The streak is of failures while the server is not down, and of successes while it is. `had_clients`
    says of a server that is down whether it was in rotation before.
    """

    standing: HealthStatus
    is_in: bool
    since: float
    streak: int = 0
    streak_at: float = 0.0
    had_clients: bool = False


def unknown(is_in: bool, now: float) -> State:
    """Return the state of a server that has not been checked yet."""
    return State(HealthStatus.UNKNOWN, is_in, now)


def step(state: State, has_passed: bool, rules: Rules, now: float) -> State:
    """Return what becomes of `state` with the result of a check at `now`."""
    if state.standing is HealthStatus.DOWN:
        return _step_down(state, rules, now) if has_passed else replace(state, streak=0, streak_at=0.0)
    if has_passed:
        since = state.since if state.standing is HealthStatus.UP else now
        return State(HealthStatus.UP, True, since)
    counted = _count(state, now)
    if counted.streak < rules.fall:
        return counted
    return State(HealthStatus.DOWN, False, now, had_clients=state.is_in)


def _step_down(state: State, rules: Rules, now: float) -> State:
    counted = _count(state, now)
    if rules.rise is not None:
        is_back = counted.streak >= rules.rise
    else:
        is_back = now - counted.streak_at >= rules.reentry_s - ROUNDING_S
    return State(HealthStatus.UP, True, now) if is_back else counted


def _count(state: State, now: float) -> State:
    return replace(state, streak=state.streak + 1, streak_at=state.streak_at if state.streak else now)


def combined(standings: Sequence[HealthStatus], needed: int) -> HealthStatus:
    """Return the standing of a server of whose checks `needed`, at least 1, have to be up.

    It is down when so many are down that `needed` cannot be reached, and unknown until either is decided.
    """
    if standings.count(HealthStatus.UP) >= needed:
        return HealthStatus.UP
    if len(standings) - standings.count(HealthStatus.DOWN) < needed:
        return HealthStatus.DOWN
    return HealthStatus.UNKNOWN


def combine(before: State, standings: Sequence[HealthStatus], needed: int, now: float) -> State:
    """Return what becomes of a server's state `before` with these standings of its checks.

    A server that is undecided again, because it got another check, stays in or out of rotation.
    """
    standing = combined(standings, needed)
    if standing is before.standing:
        return before
    match standing:
        case HealthStatus.UP:
            return State(standing, True, now)
        case HealthStatus.DOWN:
            return State(standing, False, now, had_clients=before.is_in)
        case HealthStatus.UNKNOWN:
            return State(standing, before.is_in, now)
