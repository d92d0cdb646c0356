"""What a router knows of its pair from the configuration and its loopback."""

from ipaddress import ip_address

import pytest

from app.lvs.model.config import Config
from app.lvs.model.values import Address
from app.lvs.pair.membership import Alone, Membership, NoPlace, Pair, Side
from app.lvs.pair.vrrp import STEPPED_BACK, Vrrp
from app.pulse.pair.state import LINGERS_S, PairState
from app.pulse.vrrp.membership import PairMembership
from tests.lvs.pair.virtual_router import BACKUP, PRIMARY

CONFIG = Config(backup_active=True)
PLACE = Pair(Side.PRIMARY, PRIMARY.own, PRIMARY.peer)


def found(place: Membership = PLACE, vrrp: Vrrp | None = None, *loopback: Address) -> PairMembership:
    """Return the membership at `place`, with the virtual router of a pair if it is one."""
    return PairMembership(place, vrrp or (PRIMARY if place is PLACE else None), {}, frozenset(loopback))


def paired(*loopback: Address) -> PairState:
    state = PairState()
    state.apply_config(CONFIG, found(PLACE, None, *loopback), 0)
    return state


def test_before_any_configuration_a_router_is_alone() -> None:
    state = PairState()
    assert (state.is_paired, state.active_vrrp, state.owner_since, state.silence_s) == (False, None, None, 0)
    assert (state.step_down, state.is_syncing, state.partner_name) == (0, False, "the partner")
    assert state.wanted_vrrp(0) is None


def test_in_a_pair_keepalived_runs_its_virtual_router() -> None:
    state = paired()
    assert state.active_vrrp is state.wanted_vrrp(0) is PRIMARY
    assert state.partner_name == str(PRIMARY.peer)


def test_the_owner_is_who_has_the_marker() -> None:
    assert not paired(ip_address("127.0.0.1")).has_marker
    state = paired(PRIMARY.marker)
    assert state.has_marker
    state.on_marker(7, is_there=True)
    assert state.owner_since == 7
    state.on_marker(8, is_there=False)
    assert state.owner_since is None


@pytest.mark.parametrize(("after_s", "is_running"), [(0, True), (LINGERS_S - 1, True), (LINGERS_S, False)])
def test_after_a_pair_is_switched_off_the_owner_keeps_keepalived_until_the_partner_knows(
    after_s: float, is_running: bool
) -> None:
    state = paired(PRIMARY.marker)
    state.apply_config(CONFIG, found(Alone(), None, PRIMARY.marker), 100)
    assert (state.wanted_vrrp(100 + after_s) is not None) is is_running


def test_after_a_pair_is_switched_off_who_does_not_own_it_stops_at_once() -> None:
    state = paired()
    state.apply_config(CONFIG, found(Alone()), 100)
    assert state.wanted_vrrp(100) is None


def test_the_second_router_of_a_pair_that_is_off_stops_at_once_even_as_the_owner() -> None:
    state = paired(PRIMARY.marker)
    state.apply_config(CONFIG, found(Alone(stands_by=True), None, PRIMARY.marker), 100)
    assert state.wanted_vrrp(100) is None


@pytest.mark.parametrize("loopback", [(), (PRIMARY.marker,)])
def test_a_router_that_has_lost_its_place_runs_no_keepalived_as_the_owner_and_on_standby(
    loopback: tuple[Address, ...],
) -> None:
    state = paired(*loopback)
    state.apply_config(CONFIG, found(NoPlace("no address"), None, *loopback), 100)
    assert state.wanted_vrrp(100) is None
    assert (state.is_paired, state.is_configured, state.partner_name) == (False, True, str(PRIMARY.peer))


def test_a_router_with_an_obstacle_runs_no_keepalived_until_it_is_gone() -> None:
    state = paired()
    state.obstacle = "no IPVS"
    assert state.wanted_vrrp(0) is None
    state.obstacle = ""
    assert state.wanted_vrrp(0) is PRIMARY


def test_a_router_steps_down_below_any_that_has_not() -> None:
    assert PRIMARY.priority + paired().step_down == STEPPED_BACK[Side.PRIMARY] < BACKUP.priority


def test_the_silence_grows_with_the_interval_and_falls_with_the_priority() -> None:
    state = paired()
    assert state.silence_s == pytest.approx(0.1 * (3 + (256 - 150) / 256), abs=0.001)


@pytest.mark.parametrize("syncs", [True, False])
def test_connections_are_synchronised_if_the_configuration_says_so(syncs: bool) -> None:
    state = PairState()
    state.apply_config(Config(syncdaemon=syncs), found(), 0)
    assert state.is_syncing is syncs
