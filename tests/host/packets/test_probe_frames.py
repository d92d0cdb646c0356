from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.host.packets.arp_frames import advertisement_frame, arp_frames, checksum
from app.host.packets.probe_frames import ArpClaim, claim, probe_frame
from app.lvs.model.values import Address

_HARDWARE = bytes.fromhex("020000000001")
_hardware = st.binary(min_size=6, max_size=6)
_ipv4 = st.ip_addresses(v=4).filter(int)
_ipv6 = st.ip_addresses(v=6)


def test_an_arp_probe_asks_everybody_from_no_address() -> None:
    frame = probe_frame(_HARDWARE, IPv4Address("192.0.2.7"))
    head = "ffffffffffff 020000000001 0806 0001 0800 06 04 0001"
    assert frame == bytes.fromhex(f"{head} 020000000001 00000000 000000000000 c0000207").ljust(60, b"\0")


def test_a_solicitation_asks_the_addresss_own_group_from_no_address() -> None:
    frame = probe_frame(_HARDWARE, IPv6Address("2001:db8::12:3456"))
    group = "ff0200000000000000000001ff123456"
    assert frame[:54] == bytes.fromhex(f"3333ff123456 020000000001 86dd 60000000 0018 3a ff {'00' * 16} {group}")
    assert frame[54:56] == bytes.fromhex("8700")
    assert frame[58:] == bytes.fromhex("00000000 20010db8000000000000000000123456")


@given(_hardware, _ipv6)
def test_a_solicitation_has_a_good_checksum(hardware: bytes, address: IPv6Address) -> None:
    frame = probe_frame(hardware, address)
    message = frame[54:]
    assert checksum(frame[22:54] + len(message).to_bytes(4, "big") + (58).to_bytes(4, "big") + message) == 0


@given(_hardware, st.one_of(_ipv4, _ipv6))
def test_a_question_is_known_as_one(hardware: bytes, address: Address) -> None:
    assert claim(probe_frame(hardware, address)) == ArpClaim(address, hardware, is_probe=True)


@given(_hardware, _ipv4)
def test_every_arp_from_an_address_claims_it(hardware: bytes, address: IPv4Address) -> None:
    assert {claim(frame) for frame in arp_frames(hardware, address)} == {
        ArpClaim(address, hardware, is_probe=False)
    }


@given(_hardware, _ipv6, st.booleans())
def test_an_advertisement_claims_its_target(hardware: bytes, address: IPv6Address, is_router: bool) -> None:
    assert claim(advertisement_frame(hardware, address, is_router)) == ArpClaim(address, hardware, is_probe=False)


def test_an_advertisement_that_passed_a_router_claims_nothing() -> None:
    frame = bytearray(advertisement_frame(_HARDWARE, IPv6Address("2001:db8::7"), is_router=False))
    frame[21] = 254
    assert claim(bytes(frame)) is None


def test_who_looks_for_a_neighbour_claims_nothing() -> None:
    frame = bytearray(probe_frame(_HARDWARE, IPv6Address("2001:db8::7")))
    frame[22:38] = IPv6Address("2001:db8::8").packed
    assert claim(bytes(frame)) is None


@given(st.binary(max_size=100))
def test_no_frame_is_too_odd_to_be_looked_at(frame: bytes) -> None:
    claim(frame)
    for kind in ("0806", "86dd"):
        claim(frame[:12].ljust(12, b"\0") + bytes.fromhex(kind) + frame)


@pytest.mark.parametrize("size", range(14, 78))
def test_a_frame_cut_short_says_nothing_wrong(size: int) -> None:
    address = IPv6Address("2001:db8::7")
    assert claim(advertisement_frame(_HARDWARE, address, is_router=False)[:size]) is None
