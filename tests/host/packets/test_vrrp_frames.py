"""VRRP's advertisements."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.host.ipvs.decode import decode_daemon
from app.host.ipvs.encode import daemon_payload
from app.host.ipvs.values import SyncDaemon
from app.host.packets.arp_frames import checksum
from app.host.packets.vrrp_frames import Advert, given_up_advert, unpack_advert, without_ipv4_header

ZEROS = "0" * 24


def test_an_advertisement_is_understood() -> None:
    packet = bytes.fromhex("4500002000000000ff7000000a240003e00000123124 6401 000a 1234 a9fe2424".replace(" ", ""))
    assert unpack_advert(without_ipv4_header(packet)) == Advert(router_id=36, priority=100, interval_ms=100)


@given(st.binary(max_size=40))
def test_whatever_comes_is_an_advertisement_or_none(body: bytes) -> None:
    advert = unpack_advert(without_ipv4_header(body))
    assert advert is None or 0 <= advert.priority <= 255


@pytest.mark.parametrize(
    ("marker", "source", "to", "pseudo"),
    [
        ("169.254.36.36", "10.36.0.3", "10.36.0.2", "0a240003 0a240002 0070000c"),
        ("fe80::3636:24", "fd36::3", "fd36::2", f"fd36{ZEROS}0003 fd36{ZEROS}0002 00000018 00000070"),
    ],
)
def test_who_gives_up_says_so_with_priority_0_and_a_sum_that_holds(
    marker: str, source: str, to: str, pseudo: str
) -> None:
    body = given_up_advert(36, 100, ip_address(marker), ip_address(source), ip_address(to))
    assert unpack_advert(body) == Advert(router_id=36, priority=0, interval_ms=100)
    assert body.endswith(ip_address(marker).packed)
    assert checksum(bytes.fromhex(pseudo) + body) == 0


def test_another_version_is_none() -> None:
    assert unpack_advert(bytes.fromhex("21246401010a1234a9fe2424")) is None


@given(
    st.builds(
        SyncDaemon,
        is_master=st.booleans(),
        interface=st.just("eth0"),
        sync_id=st.integers(0, 255),
        maxlen=st.integers(0, 65535),
        group=st.sampled_from([None, ip_address("224.0.0.90"), ip_address("ff02::81")]),
        port=st.integers(0, 65535),
        ttl=st.integers(0, 255),
    )
)
def test_a_sync_daemon_is_asked_for_as_it_is_read(daemon: SyncDaemon) -> None:
    # An answer of generic netlink has its four bytes of command and version before the attributes.
    assert decode_daemon(memoryview(bytes(4) + daemon_payload(daemon))) == daemon
