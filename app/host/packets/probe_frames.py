"""The Ethernet frames that probe a network segment for an address, and those that answer (RFC 5227, RFC 4862).

Pure packing and unpacking. A probe for a duplicate has no source address (0.0.0.0, ::), so that no machine takes
this one for the owner. A request to a neighbour that has the address has our own as its source, like any other
machine's: without one it would compete with a neighbour that is just configuring that address.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from struct import pack

from app.host.packets.arp_frames import checksum
from app.lvs.model.values import Address

ARP, IPV6 = 0x0806, 0x86DD

_BROADCAST = b"\xff" * 6
_ARP_HEAD = pack("!HHBB", 1, 0x0800, 6, 4)
_REQUEST = 1
_SHORTEST_FRAME = 60
_ICMPV6 = 58
_SOLICITATION, _ADVERTISEMENT = 135, 136
_SOURCE_LINK_LAYER = 1
_HOP_LIMIT = 255
_SOLICITED_NODES = IPv6Address("ff02::1:ff00:0").packed[:13]

_ARP_BODY, _IPV6_HEADER, _MESSAGE, _TARGET = 14, 14, 54, 62


@dataclass(frozen=True, slots=True)
class ArpClaim:
    """The machine with `hardware` has `address`, or, if `is_probe`, is probing for it in order to take it."""

    address: Address
    hardware: bytes
    is_probe: bool


def probe_frame(hardware: bytes, address: Address, source: Address | None = None) -> bytes:
    """Return the request for `address` from `source`, which is of the same family; None: without a source.

    It is an ARP request or a neighbour solicitation; without a source, that of duplicate address detection.
    """
    if isinstance(address, IPv4Address):
        sender = source.packed if source is not None else bytes(4)
        body = _ARP_HEAD + pack("!H", _REQUEST) + hardware + sender + bytes(6) + address.packed
        return (_BROADCAST + hardware + pack("!H", ARP) + body).ljust(_SHORTEST_FRAME, b"\0")
    group = _SOLICITED_NODES + address.packed[13:]
    sender, content = bytes(16), address.packed
    if source is not None:
        sender, content = source.packed, content + pack("!BB", _SOURCE_LINK_LAYER, 1) + hardware
    unsummed = pack("!BBHI", _SOLICITATION, 0, 0, 0) + content
    pseudo = sender + group + pack("!II", len(unsummed), _ICMPV6)
    message = pack("!BBHI", _SOLICITATION, 0, checksum(pseudo + unsummed), 0) + content
    header = pack("!IHBB", 6 << 28, len(message), _ICMPV6, _HOP_LIMIT) + sender + group
    return b"\x33\x33" + group[12:] + hardware + pack("!H", IPV6) + header + message


def claim(frame: bytes) -> ArpClaim | None:
    """Return the claim that `frame` makes to an address; None: it makes none."""
    kind = int.from_bytes(frame[12:14])
    if kind == ARP:
        return _arp_claim(frame[_ARP_BODY:])
    if kind == IPV6:
        return _neighbour_claim(frame)
    return None


def _arp_claim(body: bytes) -> ArpClaim | None:
    if len(body) < 28 or body[:6] != _ARP_HEAD:
        return None
    hardware, sender, target = body[8:14], IPv4Address(body[14:18]), IPv4Address(body[24:28])
    if int(sender):
        return ArpClaim(sender, hardware, is_probe=False)
    is_request = int.from_bytes(body[6:8]) == _REQUEST
    return ArpClaim(target, hardware, is_probe=True) if is_request else None


def _neighbour_claim(frame: bytes) -> ArpClaim | None:
    # A packet that a router has forwarded has another hop limit: it is not from this segment.
    if len(frame) < _TARGET + 16 or frame[_IPV6_HEADER + 6] != _ICMPV6 or frame[_IPV6_HEADER + 7] != _HOP_LIMIT:
        return None
    target, hardware = IPv6Address(frame[_TARGET : _TARGET + 16]), frame[6:12]
    if frame[_MESSAGE] == _ADVERTISEMENT:
        return ArpClaim(target, hardware, is_probe=False)
    # With a source address it looks for a neighbour; without one it probes whether the target is free.
    is_probe = frame[_MESSAGE] == _SOLICITATION and not any(frame[_IPV6_HEADER + 8 : _IPV6_HEADER + 24])
    return ArpClaim(target, hardware, is_probe=True) if is_probe else None
