"""Links and addresses as rtnetlink's bytes (linux/rtnetlink.h, if_link.h, if_addr.h). Pure packing."""

import enum
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from struct import Struct

from app.host.netlink.frames import attribute, attributes
from app.lvs.model.values import Address

IS_SECONDARY = 0x01
NO_DUPLICATE_DETECTION = 0x02
IS_DEPRECATED = 0x20

_IS_RUNNING = 0x40
_HAS_NO_ARP = 0x80
_FOREVER = 0xFFFFFFFF
_INET, _INET6 = 2, 10

_LINK = Struct("=BxHiII")
_ADDRESS = Struct("=BBBBI")
_LIFETIMES = Struct("=IIII")
_FLAGS = Struct("=I")

_IFLA_ADDRESS, _IFLA_IFNAME = 1, 3
_IFA_ADDRESS, _IFA_LOCAL, _IFA_LABEL, _IFA_BROADCAST, _IFA_CACHEINFO, _IFA_FLAGS = 1, 2, 3, 4, 6, 8


class RouteMessage(enum.IntEnum):
    """The message types of rtnetlink that are sent or heard here."""

    NEW_LINK = 16
    DELETE_LINK = 17
    GET_LINK = 18
    NEW_ADDRESS = 20
    DELETE_ADDRESS = 21
    GET_ADDRESS = 22


@dataclass(frozen=True, slots=True)
class LinkMessage:
    """A network interface; `is_up`: switched on and with a carrier. `hardware` is empty where there is none."""

    index: int
    name: str
    is_up: bool
    hardware: str
    has_arp: bool = True


@dataclass(frozen=True, slots=True)
class LinkAddress:
    """An address on the interface `index`, with all that is needed to put it back."""

    index: int
    address: Address
    prefix: int
    label: str | None = None
    broadcast: str | None = None
    scope: int = 0
    flags: int = 0


def everything(kind: RouteMessage) -> bytes:
    """Return the body of the question for all links, or for the addresses of all families."""
    return _LINK.pack(0, 0, 0, 0, 0) if kind is RouteMessage.GET_LINK else _ADDRESS.pack(0, 0, 0, 0, 0)


def pack_address(address: LinkAddress) -> bytes:
    """Return the body of a request that adds `address`."""
    body = pack_identity(address)
    body += attribute(_IFA_FLAGS, _FLAGS.pack(address.flags))
    if address.flags & IS_DEPRECATED:
        # The flag is the kernel's to set: it does where the preferred lifetime is over.
        body += attribute(_IFA_CACHEINFO, _LIFETIMES.pack(0, _FOREVER, 0, 0))
    if address.label is not None:
        body += attribute(_IFA_LABEL, address.label.encode() + b"\0")
    if address.broadcast is not None:
        body += attribute(_IFA_BROADCAST, IPv4Address(address.broadcast).packed)
    return body


def pack_identity(address: LinkAddress) -> bytes:
    """Return the body of a request that deletes `address`: what it is found by."""
    family = _INET if address.address.version == 4 else _INET6
    head = _ADDRESS.pack(family, address.prefix, address.flags & 0xFF, address.scope, address.index)
    packed = address.address.packed
    return head + attribute(_IFA_LOCAL, packed) + attribute(_IFA_ADDRESS, packed)


def unpack_link(body: memoryview) -> LinkMessage | None:
    """Return the link a message is about; None where it is about a port of a bridge, which is no link's end."""
    family, _, index, flags, _ = _LINK.unpack_from(body)
    if family:
        return None
    found = attributes(body[_LINK.size :])
    name, hardware = found.get(_IFLA_IFNAME), found.get(_IFLA_ADDRESS)
    return LinkMessage(
        index,
        bytes(name).rstrip(b"\0").decode(errors="replace") if name is not None else "",
        bool(flags & _IS_RUNNING),
        bytes(hardware).hex(":") if hardware is not None else "",
        not flags & _HAS_NO_ARP,
    )


def unpack_address(body: memoryview) -> LinkAddress | None:
    """Return the address a message is about; None where it is neither IPv4 nor IPv6."""
    family, prefix, flags, scope, index = _ADDRESS.unpack_from(body)
    if family not in (_INET, _INET6):
        return None
    found = attributes(body[_ADDRESS.size :])
    # On a point-to-point link ADDRESS is the other end, LOCAL is ours; IPv6 has LOCAL only there.
    packed = found.get(_IFA_LOCAL, found.get(_IFA_ADDRESS))
    if packed is None:
        return None
    if _IFA_FLAGS in found:
        flags = _FLAGS.unpack_from(found[_IFA_FLAGS])[0]
    if family == _INET6:
        return LinkAddress(index, IPv6Address(bytes(packed)), prefix, scope=scope, flags=flags)
    label, broadcast = found.get(_IFA_LABEL), found.get(_IFA_BROADCAST)
    return LinkAddress(
        index,
        IPv4Address(bytes(packed)),
        prefix,
        bytes(label).rstrip(b"\0").decode(errors="replace") if label is not None else None,
        str(IPv4Address(bytes(broadcast))) if broadcast is not None else None,
        scope,
        flags,
    )
