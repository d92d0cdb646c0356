"""Causes a fault in a pair under constant requests, and records what happens."""

import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from enum import StrEnum

from bench.pair.held import Held
from bench.pair.ours import OurPair
from bench.pair.plain import PlainPair
from bench.pair.trial import Trial, strays
from tests.pulse.two_directors.two_routers import Asking, coming

Contender = OurPair | PlainPair

ANSWERS = 5
"""Number of requests that are answered before the fault, and after it is over."""
COUNTS_BEFORE_S = 1.0
"""Requests that began up to this long before the fault count too."""
KNOWN_WITHIN_S = 8.0
"""The kernel collects sync messages for two seconds before it sends them."""
MOVES_WITHIN_S = 10.0
MAY_MOVE_WITHIN_S = 2.0
ONE_OWNER_WITHIN_S = 20.0
AGAIN_S = 0.02


class Takes(StrEnum):
    """Which router should own the address after the fault."""

    SECOND = "the second"
    EITHER = "either"
    NONE = "still the first"


@dataclass(frozen=True, slots=True)
class Scene:
    """The surroundings of a fault: the pair, and the client that sends requests."""

    pair: Contender
    asking: Asking


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the first router of a pair, the owner of the address.

    `strike` causes it and may return the time it counts from; `heal` ends it after `lasts_s`.
    """

    name: str
    takes: Takes
    strike: Callable[[Scene], float | None]
    heal: Callable[[Scene], None] = lambda _: None
    lasts_s: float = 1.0
    times: int = 1
    of: str = ""
    """The only contender it applies to; empty: both."""
    more: str = ""
    """Additional lines of our configuration."""
    is_unknowable: bool = False
    """While it lasts neither router can know that the other one also serves."""
    is_linked: bool = False
    """The two are partners over the private network during the fault."""


@dataclass(frozen=True, slots=True)
class _Seen:
    struck: float
    healed: float
    struck_monotonic: float
    since: float
    had_two: bool
    moves_before: list[int]


def course_of(pair: Contender, fault: Fault, port: int) -> Trial:
    """Cause `fault` in `pair` and return the result; a connection from the client's `port` is kept open."""
    pair.configure(fault.more)
    pair.ready()
    link = pair.linked() if fault.is_linked and isinstance(pair, OurPair) else nullcontext()
    with link, pair.ask() as asking, Held(pair.cluster, port) as held:
        pair.until(lambda: asking.answered() > ANSWERS, "requests are answered")
        with suppress(AssertionError):
            pair.until(lambda: held.is_known_to(pair.second.node), "the partner knows it", KNOWN_WITHIN_S)
        is_known = held.is_known_to(pair.second.node)
        seen = _let_happen(Scene(pair, asking), fault)
        kept = held.goes_on() if is_known else None
    return _trial(pair, fault, asking, seen, kept)


def _let_happen(scene: Scene, fault: Fault) -> _Seen:
    pair, asking = scene.pair, scene.asking
    moves_before = [len(router.moves()) for router in pair.directors]
    struck, struck_monotonic = time.time(), time.monotonic()
    since = fault.strike(scene) or struck
    while _came_at(pair, fault, since) is None and time.time() - since < _patience_s(pair, fault):
        time.sleep(AGAIN_S)
    time.sleep(max(0.0, struck_monotonic + fault.lasts_s - time.monotonic()))
    had_two = all(router.has_address for router in pair.directors)
    healed = struck + time.monotonic() - struck_monotonic
    fault.heal(scene)
    with suppress(AssertionError):
        pair.until(
            lambda: sum(router.has_address for router in pair.directors) == 1, "one owner", ONE_OWNER_WITHIN_S
        )
    answered = asking.answered()
    with suppress(AssertionError):
        pair.until(lambda: asking.answered() > answered + ANSWERS, "requests are answered again")
    return _Seen(struck, healed, struck_monotonic, since, had_two, moves_before)


def _patience_s(pair: Contender, fault: Fault) -> float:
    """Return how long to wait for the address to move to another router."""
    if fault.takes is Takes.EITHER and any(router.has_address for router in pair.directors):
        return MAY_MOVE_WITHIN_S
    return 0.0 if fault.takes is Takes.NONE else MOVES_WITHIN_S


def _trial(pair: Contender, fault: Fault, asking: Asking, seen: _Seen, kept: bool | None) -> Trial:
    moves = [router.moves() for router in pair.directors]
    times = [move.at for of_one in moves for move in of_one if move.at >= seen.struck]
    # Identified by their number too: if the clock jumps, their times are meaningless.
    has_moved = bool(times) or [len(of_one) for of_one in moves] != seen.moves_before
    came_at = _came_at(pair, fault, seen.since)
    owners = [router.has_address for router in pair.directors]
    requests = [
        request for request in asking.requests() if request.began > seen.struck_monotonic - COUNTS_BEFORE_S
    ]
    failed = [request.began - seen.struck_monotonic for request in requests if request.failure]
    return Trial(
        fault=fault.name,
        contender=pair.name,
        is_right={
            Takes.SECOND: came_at is not None and sum(owners) == 1,
            Takes.EITHER: sum(owners) == 1,
            Takes.NONE: owners == [True, False] and not has_moved,
        }[fault.takes],
        took_s=came_at - seen.since if came_at is not None else None,
        two_s=pair.two_for_s(seen.struck) if has_moved else 0.0,
        two_lasted=seen.had_two,
        two_after_s=pair.two_for_s(seen.healed) if has_moved else 0.0,
        asked=len(requests),
        slowest_s=max((request.ended - request.began for request in requests if not request.failure), default=0.0),
        failed=tuple(failed),
        stray=strays(failed, [at - seen.struck for at in times], seen.healed - seen.struck),
        kept=kept,
        note=pair.ready(),
    )


def _came_at(pair: Contender, fault: Fault, since: float) -> float | None:
    first = coming(pair.first, since) if fault.takes is not Takes.SECOND else None
    return min((at for at in (first, coming(pair.second, since)) if at is not None), default=None)
