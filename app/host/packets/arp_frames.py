"""The Ethernet frames that announce an address on a segment (RFC 826, RFC 5227, RFC 4861). Pure packing."""

from ipaddress import IPv4Address, IPv6Address
from struct import pack, unpack

_BROADCAST = b"\xff" * 6
_ALL_NODES_HARDWARE = b"\x33\x33\x00\x00\x00\x01"
_ALL_NODES = IPv6Address("ff02::1").packed

_ARP, _IPV4, _IPV6 = 0x0806, 0x0800, 0x86DD
_ETHERNET = 1
_REQUEST, _REPLY = 1, 2
_SHORTEST_FRAME = 60

_ICMPV6 = 58
_NEIGHBOUR_ADVERTISEMENT = 136
_ROUTER, _OVERRIDE = 0x80000000, 0x20000000
_TARGET_LINK_LAYER = 2
_HOP_LIMIT = 255
"""Receivers drop any other value: this one proves that no router has forwarded the packet."""


def arp_frames(hardware: bytes, address: IPv4Address) -> tuple[bytes, bytes]:
    """Return a gratuitous ARP as a request and as a reply; some hosts accept only one of the two."""
    return (
        _arp(_REQUEST, hardware, address, bytes(6)),
        _arp(_REPLY, hardware, address, hardware),
    )


def advertisement_frame(hardware: bytes, address: IPv6Address, is_router: bool) -> bytes:
    """Return an unsolicited neighbour advertisement that overrides the neighbours' cache entries for `address`.

    `is_router`: whether this machine forwards IPv6. Hosts drop a default router that says it is not one.
    """
    flags = _OVERRIDE | (_ROUTER if is_router else 0)
    option = pack("!BB", _TARGET_LINK_LAYER, 1) + hardware
    body = pack("!I", flags) + address.packed + option
    message = pack("!BBH", _NEIGHBOUR_ADVERTISEMENT, 0, 0) + body
    pseudo = address.packed + _ALL_NODES + pack("!II", len(message), _ICMPV6)
    message = pack("!BBH", _NEIGHBOUR_ADVERTISEMENT, 0, checksum(pseudo + message)) + body
    header = pack("!IHBB", 6 << 28, len(message), _ICMPV6, _HOP_LIMIT) + address.packed + _ALL_NODES
    return _ALL_NODES_HARDWARE + hardware + pack("!H", _IPV6) + header + message


def checksum(data: bytes) -> int:
    """Return the internet checksum (RFC 1071)."""
    padded = data + bytes(len(data) % 2)
    total: int = sum(unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _arp(operation: int, hardware: bytes, address: IPv4Address, target: bytes) -> bytes:
    body = pack("!HHBBH", _ETHERNET, _IPV4, len(hardware), 4, operation)
    body += hardware + address.packed + target + address.packed
    return (_BROADCAST + hardware + pack("!H", _ARP) + body).ljust(_SHORTEST_FRAME, b"\0")
