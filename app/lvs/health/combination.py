"""Several checks of one server make one standing."""

from collections.abc import Sequence

from app.lvs.health.state import Standing, State


def combined(standings: Sequence[Standing], needed: int) -> Standing:
    """Return the standing of a server of whose checks `needed`, at least 1, have to be up.

    It is down when so many are down that this cannot be any more, and unknown until one of the two is decided.
    """
    if standings.count(Standing.UP) >= needed:
        return Standing.UP
    if len(standings) - standings.count(Standing.DOWN) < needed:
        return Standing.DOWN
    return Standing.UNKNOWN


def combine(before: State, standings: Sequence[Standing], needed: int, now: float) -> State:
    """Return what becomes of a server's state `before` with these standings of its checks.

    One that is not decided any more, because it got another check, is in if it was.
    """
    standing = combined(standings, needed)
    if standing is before.standing:
        return before
    match standing:
        case Standing.UP:
            return State(standing, True, now)
        case Standing.DOWN:
            return State(standing, False, now, had_clients=before.is_in)
        case Standing.UNKNOWN:
            return State(standing, before.is_in, now)
