"""What a router of a pair is, and which virtual IPs it may have, from what is seen of the pair."""

import enum
from dataclasses import dataclass

from app.lvs.pair.membership import Alone, Membership, NoPlace, Side
from app.lvs.reports.pair import Role

SETTLES_S = 1.0
"""keepalived may need this long, on top of the silence after which it takes over, to report that it has."""


class Claim(enum.Enum):
    """Which of the wanted addresses this router may have: all; those that are up already; none."""

    ALL = "all"
    HOLD = "hold"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is seen. All but `place` may be left out where there is no pair.

    `is_ready`: keepalived reports that it takes part. `has_marker`: it reports, or reported when it ended, that
    this router is the owner. `is_unusable`: keepalived cannot be run at all. `is_fault`: it will not take over.
    `heard_for_s`: how long it has taken part, by its own reports; `silence_s`: the silence after which it takes
    over. `is_claimed`: the partner advertises that it is the owner; `are_two`: for so long that this is no
    transition. `is_yielding`: this router leaves the addresses to a partner it does not hear. `is_disqualified`:
    it must not take part, as it lacks something it needs. `is_elsewhere`: the other router has the addresses, by
    its own word or by the network's.
    """

    place: Membership
    is_running: bool = False
    has_marker: bool = False
    is_unusable: bool = False
    is_fault: bool = False
    is_ready: bool = True
    heard_for_s: float = 0.0
    silence_s: float = 0.0
    is_claimed: bool = False
    are_two: bool = False
    is_yielding: bool = False
    is_disqualified: bool = False
    is_elsewhere: bool = False

    @property
    def is_settling(self) -> bool:
        """Whether keepalived has not had the time yet to take over, of which its own reports are the measure.

        One that was slow to start, or does not report, has decided nothing.
        """
        return not self.is_ready or self.heard_for_s < self.silence_s + SETTLES_S


def judge(sight: Sight) -> tuple[Role, Claim]:
    """Return the role, and what may be claimed."""
    place = sight.place
    if isinstance(place, Alone):
        return ("off", Claim.NONE) if place.stands_by else ("alone", Claim.ALL)
    if isinstance(place, NoPlace) or sight.is_disqualified:
        # Its keepalived is stopped, so the other router keeps them, or takes them as soon as it misses this one.
        # Until then, and where there is no other one, what is up here serves clients as well as it can.
        role: Role = "unplaced" if isinstance(place, NoPlace) else "fault"
        return role, Claim.NONE if sight.is_elsewhere else Claim.HOLD
    if sight.is_running and sight.has_marker:
        return "owner", Claim.NONE if sight.are_two or sight.is_yielding else Claim.ALL
    if sight.is_unusable:
        is_for_us = place.side is Side.PRIMARY and not sight.is_claimed
        return "alone", Claim.ALL if is_for_us else Claim.NONE
    if sight.is_running and sight.is_yielding:
        return "standby", Claim.NONE
    if sight.is_fault:
        return "fault", Claim.NONE
    # One that has just been started hears nothing yet, not even that the partner gives the addresses up.
    is_in_place = sight.is_claimed and sight.is_ready
    if not sight.is_running or (sight.is_settling and not is_in_place):
        # Where no other router has them, restarting keepalived breaks no connection.
        return "starting", Claim.NONE if sight.is_claimed else Claim.HOLD
    return "standby", Claim.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class PairWords:
    """What the sentence depends on: the partner's last advertisement, and the state of keepalived."""

    partner: str
    has_spoken: bool
    has_given_up: bool
    is_giving_up: bool
    trouble: str
    is_disqualified: bool = False

    def sentence(self, role: Role) -> str:
        """Return the event text for `role`; empty: none."""
        match role:
            case "owner":
                return f"this router has the virtual IPs: {self._why_owner()}"
            case "standby":
                return f"this router is on standby for {self.partner}"
            case "fault":
                return f"this router cannot take over: {self._why_fault()}"
            case "starting":
                return ""
            case "off":
                return "the pair is disabled, and this is its second router: it serves no clients"
            case _:
                return self.trouble

    def _why_owner(self) -> str:
        if self.has_given_up:
            return f"{self.partner} has released them"
        if self.has_spoken:
            return f"{self.partner} has been silent"
        return "no other router claims them"

    def _why_fault(self) -> str:
        if self.is_disqualified:
            return self.trouble
        if self.is_giving_up:
            return "it is handing the virtual IPs over to the partner"
        return "a monitored interface has no link or does not exist"
