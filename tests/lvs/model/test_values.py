"""Masks, as lvs.cf has them and as the kernel wants them."""

from ipaddress import IPv4Address, ip_address, ip_network

import pytest

from app.lvs.model.values import Netmask, Prefix, prefix_length

V4, V6 = ip_address("192.0.2.1"), ip_address("2001:db8::1")


@pytest.mark.parametrize("length", range(1, 33))
def test_a_mask_says_the_same_written_as_a_length_and_with_dots(length: int) -> None:
    dotted = IPv4Address(int(ip_network(f"0.0.0.0/{length}").netmask))
    assert prefix_length(Prefix(length), V4) == prefix_length(dotted, V4) == length


def test_a_longer_prefix_is_one_of_ipv6() -> None:
    assert [prefix_length(Prefix(length), V6) for length in (1, 64, 128)] == [1, 64, 128]
    assert prefix_length(Prefix(33), V4) is None


@pytest.mark.parametrize("mask", [None, Prefix(0), IPv4Address("0.0.0.0"), IPv4Address("255.0.255.0")])
def test_what_is_no_mask_has_no_length(mask: Netmask | None) -> None:
    assert prefix_length(mask, V4) is None


def test_a_mask_with_dots_is_none_of_ipv6() -> None:
    assert prefix_length(IPv4Address("255.255.255.0"), V6) is None
