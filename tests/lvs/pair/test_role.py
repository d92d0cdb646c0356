"""What a router of a pair is, and which addresses it may have."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.pair.membership import Alone, NoPlace, Pair, Side
from app.lvs.pair.role import SETTLES_S, Claim, Sight, judge

PRIMARY = Pair(Side.PRIMARY, ip_address("10.0.0.2"), ip_address("10.0.0.3"))
BACKUP = Pair(Side.BACKUP, ip_address("10.0.0.3"), ip_address("10.0.0.2"))


@pytest.mark.parametrize(
    ("sight", "role", "claim"),
    [
        (Sight(place=Alone()), "alone", Claim.ALL),
        (Sight(place=Alone(stands_by=True)), "off", Claim.NONE),
        (Sight(place=PRIMARY, is_running=True, has_marker=True), "owner", Claim.ALL),
        (Sight(place=PRIMARY, is_running=True, heard_for_s=9), "standby", Claim.NONE),
        (Sight(place=PRIMARY, is_running=True, is_fault=True), "fault", Claim.NONE),
        (Sight(place=PRIMARY), "starting", Claim.HOLD),
        (Sight(place=PRIMARY, is_claimed=True), "starting", Claim.NONE),
        (Sight(place=PRIMARY, is_running=True, is_claimed=True), "standby", Claim.NONE),
        (Sight(place=PRIMARY, is_running=True, is_claimed=True, is_ready=False), "starting", Claim.NONE),
        (Sight(place=PRIMARY, has_marker=True), "starting", Claim.HOLD),
        (Sight(place=PRIMARY, is_unusable=True), "alone", Claim.ALL),
        (Sight(place=PRIMARY, is_unusable=True, is_claimed=True), "alone", Claim.NONE),
        (Sight(place=BACKUP, is_unusable=True), "alone", Claim.NONE),
        (Sight(place=NoPlace("")), "unplaced", Claim.HOLD),
        (Sight(place=NoPlace(""), is_running=True), "unplaced", Claim.HOLD),
        (Sight(place=NoPlace(""), has_marker=True, is_elsewhere=True), "unplaced", Claim.NONE),
        (Sight(place=PRIMARY, is_running=True, has_marker=True, is_disqualified=True), "fault", Claim.HOLD),
        (Sight(place=PRIMARY, has_marker=True, is_disqualified=True, is_elsewhere=True), "fault", Claim.NONE),
    ],
)
def test_the_role_and_the_claim_follow_from_what_is_seen(sight: Sight, role: str, claim: Claim) -> None:
    assert judge(sight) == (role, claim)


@pytest.mark.parametrize(
    ("is_ready", "heard_for_s", "claim"),
    [
        (True, 3.5 + SETTLES_S, Claim.NONE),
        (True, 3.4 + SETTLES_S, Claim.HOLD),
        (False, 3.5 + SETTLES_S, Claim.HOLD),
        (False, 0, Claim.HOLD),
    ],
)
def test_addresses_are_kept_until_keepalived_has_reported_for_as_long_as_it_takes_to_take_over(
    is_ready: bool, heard_for_s: float, claim: Claim
) -> None:
    sight = Sight(place=PRIMARY, is_running=True, is_ready=is_ready, heard_for_s=heard_for_s, silence_s=3.5)
    assert judge(sight) == ("standby" if claim is Claim.NONE else "starting", claim)


FLAGS = ("is_running", "has_marker", "is_unusable", "is_fault", "is_ready")


@given(st.sampled_from([PRIMARY, BACKUP]), st.fixed_dictionaries({name: st.booleans() for name in FLAGS}))
def test_while_the_partner_has_them_for_long_this_router_claims_none(place: Pair, flags: dict[str, bool]) -> None:
    _, claim = judge(Sight(place=place, is_claimed=True, are_two=True, **flags))
    assert claim is Claim.NONE
