"""What Piranha's words mean to VRRP, and that keepalived's file says just that."""

import re
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.keywords.table import added
from app.lvs.model.config import Config
from app.lvs.model.keyword import BlockKind
from app.lvs.pair.keepalived_conf import UnsafeName, keepalived_text
from app.lvs.pair.membership import Pair, Side
from app.lvs.pair.vrrp import PRIORITIES, STEPPED_BACK, Vrrp, advert_ms, silence_ms, takes_over_ms, vrrp_of

CASES = Path(__file__).parents[1] / "cases"
STEP = "/run/palometa/step"
FIRST, SECOND = ip_address("10.0.0.2"), ip_address("10.0.0.3")


def test_piranhas_first_values_keep_piranhas_promise_of_18_s() -> None:
    config = Config(keepalive=added(BlockKind.GLOBAL)["keepalive"], deadtime=added(BlockKind.GLOBAL)["deadtime"])
    assert advert_ms(config) == 4500
    assert takes_over_ms(config, Side.BACKUP) == 16_242


@given(st.integers(1, 3600), st.integers(1, 86400))
def test_heartbeats_are_never_rarer_than_said_and_a_silence_never_longer(keepalive: int, deadtime: int) -> None:
    config = Config(keepalive=keepalive, deadtime=deadtime)
    assert 100 <= advert_ms(config) <= min(keepalive * 1000, 40_950)
    assert takes_over_ms(config, Side.BACKUP) <= deadtime * 1000


def test_at_a_tenth_of_a_second_either_takes_over_within_half_a_second() -> None:
    fast = Config(advert_ms=100)
    assert max(takes_over_ms(fast, side) for side in Side) < 500


def test_a_router_that_stepped_back_is_below_any_that_did_not() -> None:
    assert max(STEPPED_BACK.values()) < min(PRIORITIES.values())
    assert all(silence_ms(100, priority) < 400 for priority in (*STEPPED_BACK.values(), *PRIORITIES.values()))


def test_where_both_have_given_way_the_primary_goes_on_and_only_there() -> None:
    backup = vrrp_of(Config(), Pair(Side.BACKUP, SECOND, FIRST), "eth0", ())
    assert plain().outranks(STEPPED_BACK[Side.BACKUP])
    assert not plain().outranks(PRIORITIES[Side.BACKUP])
    assert not plain().outranks(None)
    assert not backup.outranks(STEPPED_BACK[Side.PRIMARY])


def test_a_keepalived_that_runs_takes_up_other_times_and_no_other_addresses() -> None:
    assert plain().can_become(replace(plain(), advert_ms=200, is_preempting=True, tracked=("eth1",)))
    assert not plain().can_become(replace(plain(), is_unicast=False))
    assert not plain().can_become(replace(plain(), router_id=7))
    assert not plain().can_become(replace(plain(), peer=ip_address("10.0.0.4")))


def plain() -> Vrrp:
    return vrrp_of(Config(advert_ms=100), Pair(Side.PRIMARY, FIRST, SECOND), "eth0", ())


def full() -> Vrrp:
    config = Config(preempt=True, preempt_delay=30, vrrp_unicast=False, virtual_router_id=7)
    return vrrp_of(config, Pair(Side.BACKUP, SECOND, FIRST), "eth0", ("eth1", "eth2.100"))


def ipv6() -> Vrrp:
    first, second = ip_address("fd00::2"), ip_address("fd00::3")
    return vrrp_of(Config(preempt=True), Pair(Side.PRIMARY, first, second), "bond0", ())


@pytest.mark.parametrize(("name", "vrrp"), [("plain", plain()), ("full", full()), ("ipv6", ipv6())])
def test_the_file_is_the_one_in_the_cases(name: str, vrrp: Vrrp) -> None:
    assert keepalived_text(vrrp, STEP) == (CASES / f"keepalived-{name}.conf").read_text()


@given(st.text(min_size=1, max_size=20), st.text(max_size=30))
def test_no_name_breaks_out_of_its_line(interface: str, directory: str) -> None:
    vrrp = vrrp_of(Config(monitor_links=1), Pair(Side.PRIMARY, FIRST, SECOND), interface, (interface,))
    try:
        text = keepalived_text(vrrp, f"/run/{directory}/step")
    except (UnsafeName, ValueError):
        return
    usual = keepalived_text(vrrp_of(Config(), Pair(Side.PRIMARY, FIRST, SECOND), "eth0", ("eth0",)), "/run/x/step")
    assert _directives(text) == _directives(usual)


@pytest.mark.parametrize(
    "name", ["eth0 }", "eth0\n}", "eth0!", "eth0#", "$x", "@x", '"eth0"', "", "a" * 16, "~", "é"]
)
def test_a_name_keepalived_might_take_for_something_else_is_refused(name: str) -> None:
    with pytest.raises(UnsafeName, match="accepted"):
        keepalived_text(vrrp_of(Config(), Pair(Side.PRIMARY, FIRST, SECOND), name, ()), STEP)


def _directives(text: str) -> list[str]:
    assert re.fullmatch(r"[\x20-\x7e\n]*", text)
    return [
        line.split()[0] if line.startswith("    ") and not line.startswith("        ") else line[:8]
        for line in text.splitlines()
    ]
