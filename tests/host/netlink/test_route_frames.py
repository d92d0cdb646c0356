from ipaddress import IPv4Address, IPv6Address, ip_address
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.host.netlink.frames import attribute
from app.host.netlink.route_frames import (
    LinkAddress,
    LinkMessage,
    pack_address,
    pack_identity,
    unpack_address,
    unpack_link,
)

_labels = st.one_of(st.none(), st.from_regex(r"[a-z]{2,4}[0-9]:[0-9]{1,3}", fullmatch=True))
_indexes = st.integers(1, 2**31 - 1)
_ipv4 = st.builds(
    LinkAddress,
    _indexes,
    st.ip_addresses(v=4),
    st.integers(0, 32),
    _labels,
    st.one_of(st.none(), st.ip_addresses(v=4).map(str)),
    st.integers(0, 255),
    st.sampled_from([0, 0x01, 0x200, 0x201]),
)
_ipv6 = st.builds(
    LinkAddress,
    _indexes,
    st.ip_addresses(v=6),
    st.integers(0, 128),
    scope=st.integers(0, 255),
    flags=st.sampled_from([0, 0x02, 0x22, 0x202]),
)


@given(st.one_of(_ipv4, _ipv6))
def test_an_address_comes_back_as_it_was_packed(address: LinkAddress) -> None:
    assert unpack_address(memoryview(pack_address(address))) == address


@given(st.one_of(_ipv4, _ipv6))
def test_what_an_address_is_found_by_is_interface_address_and_prefix(address: LinkAddress) -> None:
    found = unpack_address(memoryview(pack_identity(address)))
    assert found is not None
    assert (found.index, found.address, found.prefix) == (address.index, address.address, address.prefix)
    assert (found.label, found.broadcast) == (None, None)


def test_on_a_point_to_point_link_the_near_end_is_ours() -> None:
    near, far = IPv4Address("192.0.2.1").packed, IPv4Address("192.0.2.2").packed
    body = pack("=BBBBI", 2, 32, 0, 0, 7) + attribute(1, far) + attribute(2, near)
    assert unpack_address(memoryview(body)) == LinkAddress(7, ip_address("192.0.2.1"), 32)


def test_an_ipv6_address_need_not_be_called_local() -> None:
    body = pack("=BBBBI", 10, 64, 0, 0, 7) + attribute(1, IPv6Address("2001:db8::1").packed)
    assert unpack_address(memoryview(body)) == LinkAddress(7, ip_address("2001:db8::1"), 64)


@pytest.mark.parametrize("body", [pack("=BBBBI", 9, 32, 0, 0, 7), pack("=BBBBI", 2, 32, 0, 0, 7)])
def test_what_is_no_address_of_ours_is_none(body: bytes) -> None:
    assert unpack_address(memoryview(body)) is None


def test_a_link_has_a_name_a_state_and_hardware() -> None:
    body = pack("=BxHiII", 0, 1, 3, 0x41, 0) + attribute(3, b"eth0\0") + attribute(1, bytes(5) + b"\1")
    assert unpack_link(memoryview(body)) == LinkMessage(3, "eth0", True, "00:00:00:00:00:01")


def test_a_link_without_a_carrier_is_not_up_and_one_without_arp_says_so() -> None:
    body = pack("=BxHiII", 0, 1, 3, 0x81, 0) + attribute(3, b"dummy0\0")
    assert unpack_link(memoryview(body)) == LinkMessage(3, "dummy0", False, "", has_arp=False)


def test_the_port_of_a_bridge_is_no_link() -> None:
    body = pack("=BxHiII", 7, 1, 3, 0x41, 0) + attribute(3, b"eth0\0")
    assert unpack_link(memoryview(body)) is None
