"""Addresses as glibc reads them, which is what Piranha did."""

from ipaddress import IPv4Address

import pytest

from app.lvs.grammar.c_numbers import inet_aton


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1 anything", "192.0.2.1"),
        ("192.0.2.1\tanything", "192.0.2.1"),
        ("0300.0x0.02.1", "192.0.2.1"),
        ("192.513", "192.0.2.1"),
        ("10", "0.0.0.10"),
        ("4294967295", "255.255.255.255"),
    ],
)
def test_an_address_may_have_fewer_parts_other_bases_and_text_behind_it(text: str, address: str) -> None:
    assert inet_aton(text) == IPv4Address(address)


@pytest.mark.parametrize(
    "text",
    [
        *("", " 192.0.2.1", "192.0.2.256", "192.0.2.1.", "192.0.2.1.1", "192.0.2.08", "192.0.2.1x", "4294967296"),
        *("192.0.2.1\0", "192.0.2.1\ud800", "2001:db8::1", "-1"),
    ],
)
def test_what_is_none_is_none(text: str) -> None:
    assert inet_aton(text) is None
