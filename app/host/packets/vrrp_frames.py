"""VRRP's advertisements as bytes (RFC 5798, version 3). Pure packing and unpacking."""

from dataclasses import dataclass
from struct import Struct, pack

from app.host.packets.arp_frames import checksum
from app.lvs.model.values import Address

PROTOCOL = 112
_VERSION_AND_TYPE = 3 << 4 | 1
_BODY = Struct("!BBBBHH")
_IPV4_WORD = 4


@dataclass(frozen=True, slots=True)
class Advert:
    """What a router advertises about the virtual router `router_id`; priority 0: it gives it up."""

    router_id: int
    priority: int
    interval_ms: int


def unpack_advert(body: bytes) -> Advert | None:
    """Return the advertisement in `body`; None if it is not VRRP version 3."""
    if len(body) < _BODY.size:
        return None
    kind, router_id, priority, _, interval, _ = _BODY.unpack_from(body)
    if kind != _VERSION_AND_TYPE:
        return None
    return Advert(router_id, priority, (interval & 0xFFF) * 10)


def given_up_advert(router_id: int, interval_ms: int, marker: Address, source: Address, to: Address) -> bytes:
    """Return the advertisement by which `source` notifies `to` that it gives the virtual router up."""
    body = _BODY.pack(_VERSION_AND_TYPE, router_id, 0, 1, interval_ms // 10, 0) + marker.packed
    # The end of the pseudo-header: RFC 5798, 5.2.8 and RFC 8200, 8.1.
    end = pack("!BBH", 0, PROTOCOL, len(body)) if source.version == 4 else pack("!II", len(body), PROTOCOL)
    summed = checksum(source.packed + to.packed + end + body)
    return body[: _BODY.size - 2] + pack("!H", summed) + marker.packed


def without_ipv4_header(packet: bytes) -> bytes:
    """Return what an IPv4 packet carries."""
    return packet[(packet[0] & 0xF) * _IPV4_WORD :] if packet else b""
