from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.host.packets.arp_frames import advertisement_frame, arp_frames, checksum

_HARDWARE = bytes.fromhex("020000000001")
_hardware = st.binary(min_size=6, max_size=6)


def test_a_gratuitous_arp_is_a_request_and_a_reply_about_oneself() -> None:
    head = "ffffffffffff 020000000001 0806 0001 0800 06 04"
    request, reply = arp_frames(_HARDWARE, IPv4Address("192.0.2.7"))
    assert request[:42] == bytes.fromhex(f"{head} 0001 020000000001 c0000207 000000000000 c0000207")
    assert reply[:42] == bytes.fromhex(f"{head} 0002 020000000001 c0000207 020000000001 c0000207")


@given(_hardware, st.ip_addresses(v=4))
def test_every_arp_is_a_broadcast_of_the_shortest_length(hardware: bytes, address: IPv4Address) -> None:
    for frame in arp_frames(hardware, address):
        assert len(frame) == 60
        assert frame[:12] == b"\xff" * 6 + hardware
        assert frame[28:32] == frame[38:42] == address.packed
        assert frame[42:] == bytes(18)


def test_an_advertisement_overrides_and_goes_to_all_nodes() -> None:
    frame = advertisement_frame(_HARDWARE, IPv6Address("2001:db8::7"), is_router=False)
    address = "20010db8000000000000000000000007"
    all_nodes = "ff020000000000000000000000000001"
    assert frame[:54] == bytes.fromhex(f"333300000001 020000000001 86dd 60000000 0020 3a ff {address} {all_nodes}")
    assert frame[54:56] == bytes.fromhex("8800")
    assert frame[58:] == bytes.fromhex(f"20000000 {address} 0201020000000001")


@given(_hardware, st.ip_addresses(v=6), st.booleans())
def test_an_advertisement_has_a_good_checksum_and_says_whether_it_comes_from_a_router(
    hardware: bytes, address: IPv6Address, is_router: bool
) -> None:
    frame = advertisement_frame(hardware, address, is_router)
    message = frame[54:]
    pseudo = frame[22:54] + len(message).to_bytes(4, "big") + (58).to_bytes(4, "big")
    assert checksum(pseudo + message) == 0
    assert bool(message[4] & 0x80) is is_router


@pytest.mark.parametrize(
    ("data", "expected"), [(b"", 0xFFFF), (bytes.fromhex("0001f203f4f5f6f7"), 0x220D), (b"\x01", 0xFEFF)]
)
def test_the_checksum_is_that_of_the_rfc(data: bytes, expected: int) -> None:
    assert checksum(data) == expected
