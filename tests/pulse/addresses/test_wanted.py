"""Which virtual IPs should be up here: what the configuration wants, and what the pair leaves of it."""

from ipaddress import ip_address

import pytest

from app.host.network.known_interfaces import AddressState
from app.host.network.link import Link, LinkAddress
from app.lvs.pair.role import Claim
from app.pulse.addresses.present import present_addresses
from app.pulse.addresses.wanted import WantedAddresses
from tests.pulse.addresses.veth import config_of

FIRST, SECOND = "192.0.2.10", "192.0.2.11"
BOTH = config_of(f"{FIRST} eth0:1", f"{SECOND} eth1:1")
ONE_UP = present_addresses(
    AddressState({"eth0": Link(2, "eth0", True, "")}, (("eth0", LinkAddress(2, ip_address(FIRST), 32)),))
)


@pytest.mark.parametrize(
    ("claim", "expected"), [(Claim.ALL, [FIRST, SECOND]), (Claim.HOLD, [FIRST]), (Claim.NONE, [])]
)
def test_the_claim_leaves_all_of_them_those_that_are_up_or_none(claim: Claim, expected: list[str]) -> None:
    want = WantedAddresses()
    want.apply_config(BOTH)
    want.apply_claim(claim, has_partner=True)
    assert [str(virtual.address) for virtual in want.claimed(ONE_UP)] == expected


def test_what_is_held_is_held_although_somebody_has_just_taken_it_away() -> None:
    want = WantedAddresses()
    want.apply_config(BOTH)
    want.apply_claim(Claim.HOLD, has_partner=True)
    taken = want.addresses[1]
    assert taken in want.claimed(ONE_UP, {taken})


def test_each_interface_has_its_number_of_addresses() -> None:
    want = WantedAddresses()
    want.apply_config(config_of(f"{FIRST} eth0:1", f"{SECOND} eth0:2", "192.0.2.12 eth1:1"))
    assert want.counts == {"eth0": 2, "eth1": 1}
    want.drop_all()
    assert (want.addresses, want.counts, want.targets) == ((), {}, frozenset())


def test_each_change_has_another_version_and_what_changes_nothing_has_not() -> None:
    want = WantedAddresses()
    versions = [want.version]
    want.apply_config(BOTH)
    versions.append(want.version)
    assert want.apply_claim(Claim.NONE, has_partner=False)
    versions.append(want.version)
    assert not want.apply_claim(Claim.NONE, has_partner=True)
    versions.append(want.version)
    want.drop_all()
    versions.append(want.version)
    assert versions == sorted(set(versions))
    want.apply_claim(Claim.NONE, has_partner=True)
    assert want.version == versions[-1]


def test_other_machines_are_asked_for_an_address_only_outside_a_pair() -> None:
    want = WantedAddresses()
    assert not want.are_probed
    want.apply_config(config_of(f"{FIRST} eth0:1", extra="probe_duplicates = 1"))
    assert want.are_probed
    want.apply_claim(Claim.ALL, has_partner=True)
    assert not want.are_probed
    want.apply_config(config_of(f"{FIRST} eth0:1", extra="probe_duplicates = 0"))
    want.apply_claim(Claim.ALL, has_partner=False)
    assert not want.are_probed


def test_addresses_are_announced_as_often_as_the_configuration_says() -> None:
    want = WantedAddresses()
    assert (want.announced_again_s, want.announced_every_s) == (0, 0)
    want.apply_config(config_of(f"{FIRST} eth0:1", extra="announce_again = 7\nannounce_every = 90"))
    assert (want.announced_again_s, want.announced_every_s) == (7, 90)
