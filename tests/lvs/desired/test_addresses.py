"""Which addresses a director brings up."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from app.lvs.desired.addresses import VirtualAddress, virtual_addresses
from app.lvs.model.values import Floating, Network, Prefix
from tests.lvs.samples import config, server, virtual

VIP = VirtualAddress(ip_address("192.0.2.1"), 32, "eth0:1")
ROUTER = Floating(ip_address("10.0.0.254"), "eth1:1")


def test_two_services_on_one_address_bring_it_up_once_as_the_first_says() -> None:
    both = config(virtual(), virtual(name="B", port=443, vip_nmask=Prefix(24)))
    assert virtual_addresses(both) == (VIP,)


def test_without_a_mask_the_address_stands_alone() -> None:
    assert virtual_addresses(config(virtual(vip_nmask=None))) == (VIP,)


def test_a_mask_of_zeros_is_piranhas_unused() -> None:
    assert virtual_addresses(config(virtual(vip_nmask=ip_address("0.0.0.0")))) == (VIP,)


def test_an_inactive_service_needs_no_address() -> None:
    assert virtual_addresses(config(virtual(active=False))) == ()


def test_the_nat_router_is_up_while_something_is_forwarded_by_nat() -> None:
    nat = config(virtual(), network=Network.NAT, nat_router=ROUTER, nat_nmask=ip_address("255.255.255.0"))
    assert virtual_addresses(nat) == (VIP, VirtualAddress(ip_address("10.0.0.254"), 24, "eth1:1"))
    assert virtual_addresses(config(virtual(), nat_router=ROUTER)) == (VIP,)


@pytest.mark.parametrize("at", [0, 1])
def test_one_server_by_nat_needs_the_nat_router_where_the_others_are_reached_directly(at: int) -> None:
    servers = [server(1), server(2)]
    servers[at] = replace(servers[at], network=Network.NAT)
    mixed = config(virtual(server=tuple(servers)), nat_router=ROUTER, nat_nmask=ip_address("255.255.255.0"))
    assert virtual_addresses(mixed) == (VIP, VirtualAddress(ip_address("10.0.0.254"), 24, "eth1:1"))


def test_ipv6_has_no_label() -> None:
    address = VirtualAddress(ip_address("2001:db8::1"), 128, "eth0:1")
    assert address.label is None
    assert address.interface == "eth0"
    assert VIP.label == "eth0:1"
