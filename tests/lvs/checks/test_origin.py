"""From where the checks of servers that have the virtual IP themselves can leave instead."""

from ipaddress import ip_address
from typing import Any

import pytest

from app.lvs.checks.origin import CheckOrigin, own_source
from app.lvs.model.config import Config
from app.lvs.model.machine import Machine
from app.lvs.model.values import Floating, Network
from tests.lvs.samples import server, virtual

VIP = Floating(ip_address("10.60.0.100"), "eth5:1")
SHOP: dict[str, Any] = {"address": VIP, "vip_nmask": ip_address("255.255.255.0"), "server": (server(),)}


def machine(**addresses: str) -> Machine:
    devices = {name: frozenset(map(ip_address, words.split())) for name, words in addresses.items()}
    return Machine(devices, other_names={"enp5s0": "eth5"})


@pytest.mark.parametrize(
    ("here", "source"),
    [
        (machine(eth5="10.60.0.2"), "10.60.0.2"),
        (machine(eth5="192.0.2.2 10.60.0.2 10.60.0.3"), "10.60.0.2"),
        (machine(eth5="192.0.2.2", eth6="10.60.0.9"), "10.60.0.9"),
        (machine(eth5="10.60.0.9", eth6="10.60.0.2"), "10.60.0.9"),
        (machine(eth5="192.0.2.2", eth6="203.0.113.9"), "192.0.2.2"),
        (machine(eth5="", eth6="203.0.113.9"), None),
        (machine(eth5="169.254.1.1 127.0.0.9 2001:db8::2"), None),
        (machine(), None),
    ],
)
def test_an_address_in_the_network_of_the_virtual_ip_is_best(here: Machine, source: str | None) -> None:
    assert own_source(virtual(**SHOP), here) == (ip_address(source) if source else None)


def test_an_interface_is_found_by_its_other_name() -> None:
    shop = virtual(**{**SHOP, "address": Floating(VIP.address, "enp5s0:1")})
    assert own_source(shop, machine(eth5="192.0.2.2")) == ip_address("192.0.2.2")


def test_with_a_check_interface_only_an_address_of_that_one_will_do() -> None:
    here = machine(eth5="10.60.0.2", eth6="203.0.113.9", eth7="")
    assert own_source(virtual(**SHOP), here, "eth6") == ip_address("203.0.113.9")
    assert own_source(virtual(**SHOP), here, "eth7") is None


def test_addresses_that_pulse_brings_up_are_all_known() -> None:
    router = Floating(ip_address("10.60.0.1"), "eth5:2")
    here = CheckOrigin(Config(network=Network.DIRECT, nat_router=router, virtual=(virtual(**SHOP),)))
    assert here.floating == {VIP.address, router.address}
    assert CheckOrigin(Config(virtual=(virtual(**SHOP),))).floating == {VIP.address}
