"""Which servers of a service are in rotation: flap damping, tiers, the floor and the quorum, in this order.

Pure: it is given the health of each server and where it is now. A server in drain or maintenance is never in
rotation. When the rules contradict each other, the floor overrides damping, and a lost quorum with a sorry
server to answer overrides the floor.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass


class Cause(enum.Enum):
    """Why a server is not where its checks say it should be."""

    DAMPING = "damping"
    TIER = "tier"
    FLOOR = "floor"
    QUORUM = "quorum"


@dataclass(frozen=True, slots=True)
class Hold:
    cause: Cause
    sentence: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A service's rules, as in lvs.cf: `max_out` is in percent; `has_sorry`: there is a sorry server."""

    quorum: int = 1
    quorum_margin: int = 0
    max_out: int = 100
    tier_need: int = 1
    damping_s: float = 0.0
    has_sorry: bool = False


@dataclass(slots=True)
class Candidate:
    """A server to select from.

    `is_ready`: neither in drain nor in maintenance. `is_up`: its checks let it in; `is_down`: they have failed
    since `failed_at`; neither: unknown, or kept out by its load agent. `is_pending`: never checked. `has_weight`:
    it can get new clients. `is_in`: whether it is in rotation now, since `moved_at` (None: long ago).
    """

    is_ready: bool = True
    is_up: bool = False
    is_down: bool = False
    is_pending: bool = False
    has_weight: bool = True
    tier: int = 0
    is_in: bool = False
    moved_at: float | None = None
    failed_at: float = 0.0


@dataclass(slots=True)
class Selection:
    """Which servers are in rotation, and why that differs from their checks; in the order of the candidates.

    `is_lost`: of the `needed` servers of the quorum only `up` are up. `next_at` is when this may change without a
    new result.
    """

    is_in: list[bool]
    holds: list[Hold | None]
    is_lost: bool = False
    up: int = 0
    needed: int = 1
    next_at: float | None = None


def select(candidates: Sequence[Candidate], policy: Policy, was_lost: bool, now: float) -> Selection:
    """Return which of `candidates` are in rotation at `now`; `was_lost` is whether the quorum was lost."""
    fixed = [_is_fixed(candidate, policy, now) for candidate in candidates]
    is_in = [
        candidate.is_ready and (candidate.is_in if stays else candidate.is_up)
        for candidate, stays in zip(candidates, fixed, strict=True)
    ]
    chosen = Selection(is_in, [None] * len(candidates))
    is_wanted = _tiers(candidates, policy, fixed, chosen)
    _note_damping(candidates, policy, fixed, is_wanted, chosen)
    is_waiting = _count_quorum(candidates, policy, was_lost, fixed, chosen)
    if chosen.is_lost and policy.has_sorry:
        _leave_to_sorry(candidates, chosen)
    else:
        if is_waiting:
            _leave_to_sorry(candidates, chosen, only_new=True)
        _floor(candidates, policy, fixed, is_wanted, chosen)
    chosen.next_at = min(
        (
            candidate.moved_at + policy.damping_s
            for candidate, stays in zip(candidates, fixed, strict=True)
            if stays and candidate.moved_at is not None
        ),
        default=None,
    )
    return chosen


def _is_fixed(candidate: Candidate, policy: Policy, now: float) -> bool:
    return candidate.is_ready and candidate.moved_at is not None and now < candidate.moved_at + policy.damping_s


def _tiers(candidates: Sequence[Candidate], policy: Policy, fixed: list[bool], chosen: Selection) -> list[bool]:
    """Take tiers that are not needed out; return for each candidate whether its tier is needed."""
    is_wanted = [True] * len(candidates)
    tiers = sorted({candidate.tier for candidate in candidates})
    up, is_pending = 0, False
    for tier in tiers if len(tiers) > 1 else ():
        members = [at for at, candidate in enumerate(candidates) if candidate.tier == tier]
        for at in members:
            # A server of weight 0 fills no place: it stays for its open connections.
            is_wanted[at] = up < policy.tier_need or not candidates[at].has_weight
            # Until all servers of the preceding tiers have been checked once, none comes in instead of them.
            has_to_wait = is_pending and not candidates[at].is_in and candidates[at].has_weight
            if chosen.is_in[at] and not fixed[at] and (has_to_wait or not is_wanted[at]):
                chosen.is_in[at] = False
                chosen.holds[at] = Hold(Cause.TIER, _standby_sentence(up, policy.tier_need))
        # A server that just went out cannot come in yet, and one that just came in and failed does not count.
        up += sum(_is_up(candidates[at]) and (candidates[at].is_in or not fixed[at]) for at in members)
        is_pending |= any(candidates[at].is_ready and candidates[at].is_pending for at in members)
    return is_wanted


def _is_up(candidate: Candidate) -> bool:
    return candidate.is_ready and candidate.is_up and candidate.has_weight


def _standby_sentence(up: int, needed: int) -> str:
    if up < needed:
        return "it is on standby until the servers of the preceding tiers have been checked"
    return f"it is on standby: {up} servers of the preceding tiers are up, {needed} are enough"


def _note_damping(
    candidates: Sequence[Candidate], policy: Policy, fixed: list[bool], is_wanted: list[bool], chosen: Selection
) -> None:
    for at, candidate in enumerate(candidates):
        if fixed[at] and candidate.is_in != (candidate.is_up and is_wanted[at]):
            kept, moved = ("in", "brought in") if candidate.is_in else ("out", "taken out")
            sentence = f"flap damping keeps it {kept}: it was {moved} less than {policy.damping_s:g} s ago"
            chosen.holds[at] = Hold(Cause.DAMPING, sentence)


def _floor(
    candidates: Sequence[Candidate], policy: Policy, fixed: list[bool], is_wanted: list[bool], chosen: Selection
) -> None:
    """Keep the servers in that failed last, where too many would be out."""
    ready = sum(candidate.is_ready for candidate in candidates)
    allowed = ready * policy.max_out // 100
    # A server that has recovered, but has to wait for the end of its damping, is still missing.
    out = [
        at
        for at, candidate in enumerate(candidates)
        if candidate.is_ready and is_wanted[at] and not chosen.is_in[at] and (candidate.is_down or fixed[at])
    ]
    kept = len(out) - allowed
    if kept <= 0:
        return
    # Servers that are in stay in, so that equally bad ones do not take turns.
    failed = sorted(
        (at for at in out if candidates[at].is_down),
        key=lambda at: (not fixed[at], candidates[at].is_in, candidates[at].failed_at, at),
        reverse=True,
    )
    for at in failed[:kept]:
        chosen.is_in[at] = True
        chosen.holds[at] = Hold(
            Cause.FLOOR, f"no more than {allowed} of {ready} servers may be out because of failed checks"
        )


def _count_quorum(
    candidates: Sequence[Candidate], policy: Policy, was_lost: bool, fixed: list[bool], chosen: Selection
) -> bool:
    """Set whether the quorum is lost; return whether the sorry server has to wait before it answers alone."""
    # The sorry server stays while servers that just went out cannot come in yet.
    is_counted = [
        not (was_lost and policy.has_sorry and stays and not candidate.is_in)
        for candidate, stays in zip(candidates, fixed, strict=True)
    ]
    chosen.up = sum(_is_up(candidate) and counts for candidate, counts in zip(candidates, is_counted, strict=True))
    chosen.needed = policy.quorum + (policy.quorum_margin if was_lost else 0)
    is_pending = any(candidate.is_ready and candidate.is_pending for candidate in candidates)
    is_short = chosen.up < chosen.needed and (was_lost or not is_pending)
    # Nor does it come in while a server that just came in cannot be taken out.
    is_waiting = (
        is_short
        and policy.has_sorry
        and not was_lost
        and any(
            stays and candidate.is_in and candidate.has_weight
            for candidate, stays in zip(candidates, fixed, strict=True)
        )
    )
    chosen.is_lost = is_short and not is_waiting
    return is_waiting


def _leave_to_sorry(candidates: Sequence[Candidate], chosen: Selection, only_new: bool = False) -> None:
    """Take out all servers that could get clients, or only those that would come in."""
    for at, candidate in enumerate(candidates):
        if not chosen.is_in[at] or not candidate.has_weight or (only_new and candidate.is_in):
            continue
        chosen.is_in[at] = False
        sentence = f"the quorum is lost: {chosen.up} servers are up, {chosen.needed} are needed"
        chosen.holds[at] = Hold(Cause.QUORUM, sentence) if candidate.is_up else None
