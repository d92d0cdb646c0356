"""What is packed for the kernel is what pyroute2 reads in it."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from pyroute2.netlink.rtnl.marshal import MarshalRtnl

from app.host.netlink.frames import message
from app.host.network.address_requests import pack_address, pack_identity
from app.host.network.link import LinkAddress

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


def _read(body: bytes) -> Any:
    (found,) = MarshalRtnl().parse(message(20, 0, 1, body))
    return found


@given(st.one_of(_ipv4, _ipv6))
def test_an_address_is_read_as_it_was_packed(address: LinkAddress) -> None:
    found = _read(pack_address(address))
    kind = IPv4Address if found["family"] == 2 else IPv6Address
    assert address == LinkAddress(
        found["index"],
        kind(found.get_attr("IFA_LOCAL")),
        found["prefixlen"],
        found.get_attr("IFA_LABEL"),
        found.get_attr("IFA_BROADCAST"),
        found["scope"],
        found.get_attr("IFA_FLAGS"),
    )
    assert found.get_attr("IFA_ADDRESS") == found.get_attr("IFA_LOCAL")


@given(_ipv6)
def test_a_deprecated_address_has_no_preferred_lifetime_and_stays_valid(address: LinkAddress) -> None:
    lifetimes = _read(pack_address(address)).get_attr("IFA_CACHEINFO")
    if address.flags & 0x20:
        assert (lifetimes["ifa_preferred"], lifetimes["ifa_valid"]) == (0, 2**32 - 1)
    else:
        assert lifetimes is None


@given(st.one_of(_ipv4, _ipv6))
@example(LinkAddress(1, IPv6Address("::ffff:0:0"), 0))
def test_what_an_address_is_found_by_is_interface_address_and_prefix(address: LinkAddress) -> None:
    found = _read(pack_identity(address))
    assert (found["index"], found["prefixlen"]) == (address.index, address.prefix)
    # The C library writes the same address in other ways than Python, such as ::ffff:0.0.0.0.
    assert ip_address(found.get_attr("IFA_LOCAL")) == address.address
    assert (found.get_attr("IFA_LABEL"), found.get_attr("IFA_BROADCAST")) == (None, None)
