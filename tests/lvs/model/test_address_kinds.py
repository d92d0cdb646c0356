"""Odd spellings of addresses: each is known for what it is, before any rule is asked."""

from ipaddress import IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.model.address_kinds import (
    carried,
    is_ipv4_in_disguise,
    is_loopback,
    is_same,
    literal_address,
    meaning,
    no_server_kind,
    unusable_kind,
    unwrapped,
)

KINDS = [
    # The metadata address of clouds, by every way IPv6 has of naming an IPv4 address.
    ("169.254.169.254", "link-local"),
    ("::ffff:169.254.169.254", "link-local"),
    ("::ffff:a9fe:a9fe", "link-local"),
    ("0:0:0:0:0:FFFF:A9FE:A9FE", "link-local"),
    ("::169.254.169.254", "link-local"),
    ("::a9fe:a9fe", "link-local"),
    ("::ffff:0:169.254.169.254", "link-local"),
    ("64:ff9b::169.254.169.254", "link-local"),
    ("64:ff9b::a9fe:a9fe", "link-local"),
    ("0064:FF9B:0000:0000:0000:0000:A9FE:A9FE", "link-local"),
    ("64:ff9b:1::169.254.169.254", "link-local"),
    ("64:ff9b:1:fffe::a9fe:a9fe", "link-local"),
    ("64:ff9b:1:1:2:3:a9fe:a9fe", "link-local"),
    ("64:ff9b:1:a9fe:a9:fe00::", "link-local"),
    ("64:ff9b:1:77a9:fe:a9fe::", "link-local"),
    ("64:ff9b:1:7777:a9:fea9:fe00::", "link-local"),
    ("2002:a9fe:a9fe::", "link-local"),
    ("2002:a9fe:a9fe::1", "link-local"),
    ("2002:a9fe:a9fe:1:2:3:4:5", "link-local"),
    ("2001:0:c000:201:0:0:5601:5601", "link-local"),
    ("2001:0:a9fe:a9fe:0:0:3fff:fdfe", "link-local"),
    ("2001:db8::5efe:169.254.169.254", "link-local"),
    ("2001:db8::200:5efe:169.254.169.254", "link-local"),
    ("169.254.0.1", "link-local"),
    ("169.254.255.255", "link-local"),
    ("fe80::1", "link-local"),
    ("febf::1", "link-local"),
    # This machine itself.
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("::1", "loopback"),
    ("::ffff:127.0.0.1", "loopback"),
    ("::ffff:7f00:1", "loopback"),
    ("::127.0.0.1", "loopback"),
    ("::ffff:0:127.0.0.1", "loopback"),
    ("64:ff9b::127.0.0.1", "loopback"),
    ("64:ff9b:1::127.0.0.1", "loopback"),
    ("64:ff9b:1:7f00:0:100::", "loopback"),
    ("2002:7f00:1::", "loopback"),
    ("2002:7f00:0001::beef", "loopback"),
    ("2001:0:c000:201:0:0:80ff:fffe", "loopback"),
    ("fd00::5efe:127.0.0.1", "loopback"),
    # Groups, and what is nobody.
    ("224.0.0.1", "multicast"),
    ("239.255.255.255", "multicast"),
    ("ff02::1", "multicast"),
    ("::ffff:224.0.0.1", "multicast"),
    ("64:ff9b::224.0.0.1", "multicast"),
    ("2002:e000:1::", "multicast"),
    ("0.0.0.1", "reserved"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "reserved"),
    ("::ffff:0.0.0.0", "reserved"),
    ("::ffff:255.255.255.255", "reserved"),
    ("::2", "reserved"),
    ("64:ff9b::", "reserved"),
    ("2002::", "reserved"),
    ("2002:ffff:ffff::", "reserved"),
    # A host can have these.
    ("169.253.255.255", ""),
    ("169.255.0.1", ""),
    ("126.255.255.255", ""),
    ("128.0.0.1", ""),
    ("223.255.255.255", ""),
    ("10.0.0.1", ""),
    ("2001:db8::1", ""),
    ("2001:db8::a9fe:a9fe", ""),
    ("fd00::7f00:1", ""),
    ("fec0::1", ""),
    ("::ffff:192.0.2.1", ""),
    ("64:ff9b::192.0.2.1", ""),
    ("64:ff9b:1:fffe::10.254.1.2", ""),
    ("64:ff9b:1:afe:1:200::", ""),
    ("64:ff9b:1:7777:c0:2:fe00:0", ""),
    ("64:ff9b:2::7f00:1", ""),
    ("2002:c000:0201::1", ""),
    ("2001:0:c000:201:0:0:3fff:fdfe", ""),
    ("2001:1::7f00:1", ""),
    ("2003:7f00:1::", ""),
]


@pytest.mark.parametrize(("text", "kind"), KINDS)
def test_an_address_is_of_the_kind_of_what_it_stands_for(text: str, kind: str) -> None:
    assert unusable_kind(ip_address(text)) == kind


LITERALS = [
    ("169.254.169.254", "169.254.169.254"),
    ("2852039166", "169.254.169.254"),
    ("0xa9fea9fe", "169.254.169.254"),
    ("0XA9FEA9FE", "169.254.169.254"),
    ("025177524776", "169.254.169.254"),
    ("0251.0376.0251.0376", "169.254.169.254"),
    ("0xa9.0xfe.0xa9.0xfe", "169.254.169.254"),
    ("169.254.43518", "169.254.169.254"),
    ("169.16689662", "169.254.169.254"),
    ("0xa9.254.0251.254", "169.254.169.254"),
    ("169.254.169.254.", "169.254.169.254"),
    ("0000169.254.169.254", None),
    ("2130706433", "127.0.0.1"),
    ("017700000001", "127.0.0.1"),
    ("0x7f.1", "127.0.0.1"),
    ("127.1", "127.0.0.1"),
    ("127.0.0.1.", "127.0.0.1"),
    ("0", "0.0.0.0"),
    ("::1", "::1"),
    ("fe80::1%eth0", "fe80::1"),
    ("::ffff:169.254.169.254", "::ffff:169.254.169.254"),
    ("169.254.169.254.nip.io", None),
    ("localhost", None),
    ("256.1.1.1", None),
    ("4294967296", None),
    ("1.2.3.4.5", None),
    ("127.0.0.1 x", None),
    ("", None),
    ("[::1]", None),
]


@pytest.mark.parametrize(("text", "address"), LITERALS)
def test_a_host_is_read_as_the_c_library_would(text: str, address: str | None) -> None:
    assert literal_address(text) == (None if address is None else ip_address(address))


def test_an_address_that_stands_for_loopback_is_no_local_node() -> None:
    for text in ("127.0.0.1", "127.9.9.9", "::1"):
        assert is_loopback(ip_address(text))
        assert no_server_kind(ip_address(text)) == ""
    for text in ("::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"):
        assert not is_loopback(ip_address(text))
        assert no_server_kind(ip_address(text)) == "loopback"


def test_the_same_host_by_another_name_is_the_same() -> None:
    plain = ip_address("192.0.2.1")
    for text in ("::ffff:192.0.2.1", "::192.0.2.1", "::ffff:0:192.0.2.1", "64:ff9b::192.0.2.1"):
        assert unwrapped(ip_address(text)) == plain
        assert is_same(plain, ip_address(text))
    # A network behind a 6to4 router has many hosts, and none of them is the router.
    for text in ("2002:c000:201::1", "2001:db8::1", "192.0.2.2"):
        assert not is_same(plain, ip_address(text))
    assert not is_same(None, None)


def test_a_disguise_is_an_address_no_ipv6_packet_has() -> None:
    for text in ("::ffff:192.0.2.1", "::192.0.2.1", "::ffff:0:192.0.2.1"):
        assert is_ipv4_in_disguise(ip_address(text))
    for text in ("192.0.2.1", "64:ff9b::192.0.2.1", "2002:c000:201::1", "::", "::1", "2001:db8::1"):
        assert not is_ipv4_in_disguise(ip_address(text))


def test_a_message_names_what_the_address_stands_for() -> None:
    assert meaning(ip_address("2002:7f00:1::")) == "2002:7f00:1:: (127.0.0.1)"
    assert meaning(ip_address("2001:0:a9fe:a9fe::3fff:fdfe")) == "2001:0:a9fe:a9fe::3fff:fdfe (169.254.169.254)"
    assert meaning(ip_address("2001:db8::1")) == "2001:db8::1"


@given(st.integers(0, 2**32 - 1), st.sampled_from(["::ffff:0:0", "::ffff:0:0:0", "64:ff9b::"]))
def test_whatever_is_wrapped_is_of_the_same_kind_wrapped(number: int, prefix: str) -> None:
    plain = ip_address(number)
    wrapped = IPv6Address(int(IPv6Address(prefix)) | number)
    assert carried(wrapped) == (plain,)
    expected = unusable_kind(plain) if number else "reserved"
    assert unusable_kind(wrapped) == expected


@given(st.ip_addresses(v=4))
def test_of_ipv4_the_kinds_are_those_of_the_standard_library(address: object) -> None:
    found = ip_address(str(address))
    known = found.is_multicast or found.is_loopback or found.is_link_local or found.is_reserved
    assert bool(unusable_kind(found)) == (known or int(found) >> 24 == 0)
