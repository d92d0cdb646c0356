"""Which router of a pair this one is."""

from dataclasses import replace
from ipaddress import ip_address

from app.lvs.model.config import Config
from app.lvs.model.machine import Machine
from app.lvs.pair.membership import Alone, NoPlace, Pair, Side, place_in_pair, tracked_interfaces

FIRST, SECOND = ip_address("10.0.0.2"), ip_address("10.0.0.3")
PAIR = Config(primary=FIRST, backup=SECOND, backup_active=True)


def machine(**devices: str) -> Machine:
    return Machine({name: frozenset({ip_address(address)}) for name, address in devices.items()})


def test_the_router_that_owns_the_primarys_address_is_the_primary() -> None:
    assert place_in_pair(PAIR, machine(eth0="10.0.0.2")) == Pair(Side.PRIMARY, FIRST, SECOND)


def test_the_router_that_owns_the_backups_address_is_the_backup() -> None:
    assert place_in_pair(PAIR, machine(eth0="10.0.0.3")) == Pair(Side.BACKUP, SECOND, FIRST)


def test_without_a_backup_address_an_enabled_pair_is_none_as_with_piranha() -> None:
    assert place_in_pair(replace(PAIR, backup=None), machine(eth0="10.0.0.2")) == Alone()


def test_the_second_router_of_a_pair_that_is_switched_off_serves_nobody() -> None:
    off = replace(PAIR, backup_active=False)
    assert place_in_pair(off, machine(eth0="10.0.0.3")) == Alone(stands_by=True)
    assert place_in_pair(off, machine(eth0="10.0.0.2")) == Alone()
    assert place_in_pair(off, machine(eth0="10.0.0.9")) == Alone()


def test_a_router_in_neither_place_or_in_both_is_told_why() -> None:
    neither = place_in_pair(PAIR, machine(eth0="10.0.0.9"))
    both = place_in_pair(PAIR, machine(eth0="10.0.0.2", eth1="10.0.0.3"))
    assert isinstance(neither, NoPlace)
    assert "neither" in neither.reason
    assert isinstance(both, NoPlace)
    assert "both" in both.reason


def test_addresses_of_two_families_make_no_pair() -> None:
    mixed = place_in_pair(replace(PAIR, backup=ip_address("fd00::3")), machine(eth0="10.0.0.2"))
    assert isinstance(mixed, NoPlace)
    assert "both to be IPv4 or both IPv6" in mixed.reason


def test_with_monitor_links_the_other_interfaces_count_and_the_loopback_does_not() -> None:
    config = replace(PAIR, monitor_links=1, primary_private=ip_address("10.1.0.2"))
    here = machine(eth0="10.0.0.2", eth1="10.1.0.2")
    pair = Pair(Side.PRIMARY, FIRST, SECOND)
    assert tracked_interfaces(config, pair, here, frozenset({"eth0", "eth2", "lo"})) == ("eth1", "eth2")
    assert tracked_interfaces(PAIR, pair, here, frozenset({"eth2"})) == ()
