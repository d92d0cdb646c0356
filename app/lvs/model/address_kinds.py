"""What an address really is: the IPv4 addresses an IPv6 address stands for, and which addresses no host can have.

Every rule about an address asks here, so that none can be passed by writing the address differently.
"""

import socket
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from app.lvs.model.values import Address

_ODD_FIRST_OCTETS = frozenset({0, 127, 169})
"""Among these, and from 224 on, are all IPv4 addresses no host can have."""
_LOW = 0xFFFFFFFF
# The upper 96 bits of an IPv6 address whose last 32 are the IPv4 address it stands for.
_COMPATIBLE = 0  # ::192.0.2.1, RFC 4291, 2.5.5.1
_MAPPED = 0xFFFF  # ::ffff:192.0.2.1, RFC 4291, 2.5.5.2
_TRANSLATED = 0xFFFF_0000  # ::ffff:0:192.0.2.1, RFC 2765
_NAT64 = 0x0064_FF9B << 64  # 64:ff9b::192.0.2.1, RFC 6052
_NEVER_SENT = frozenset({_COMPATIBLE, _MAPPED, _TRANSLATED})
"""An address with one of these is IPv4 to this machine, and in no IPv6 packet."""
_LOCAL_NAT64 = 0x0064_FF9B_0001  # 64:ff9b:1::/48, RFC 8215
_SIX_TO_FOUR = 0x2002  # 2002:V4ADDR::/48, RFC 3056
_TEREDO = 0x2001_0000  # 2001:0:SERVER:FLAGS:PORT:CLIENT, RFC 4380
_ISATAP = 0x0000_5EFE  # PREFIX:0:5efe:192.0.2.1, or 200:5efe where that IPv4 address is global; RFC 5214
_NOT_THE_UNIVERSAL_BIT = 0xFDFF_FFFF


def unwrapped(address: Address) -> Address:
    """Return the IPv4 address of the very host that `address` names in another way, otherwise `address`.

    To compare addresses: in a 6to4 or Teredo address there is an IPv4 address as well, but of another host.
    """
    if address.version == 4:
        return address
    number = int(address)
    upper = number >> 32
    if upper == _NAT64 or (upper in _NEVER_SENT and number > 1):
        return IPv4Address(number & _LOW)
    return address


def is_same(first: Address | None, second: Address | None) -> bool:
    """Return whether both are the address of the same host."""
    return first is not None and second is not None and unwrapped(first) == unwrapped(second)


def is_ipv4_in_disguise(address: Address) -> bool:
    """Return whether `address` is written as IPv6, but only IPv4 packets can reach it: ``::ffff:192.0.2.1``."""
    return address.version == 6 and int(address) >> 32 in _NEVER_SENT and int(address) > 1


def carried(address: Address) -> tuple[IPv4Address, ...]:
    """Return each IPv4 address that a packet to the IPv6 address `address` may be sent to."""
    if address.version == 4:
        return ()
    number = int(address)
    same = unwrapped(address)
    if isinstance(same, IPv4Address):
        return (same,)
    if number >> 80 == _LOCAL_NAT64:
        return _translated_locally(number)
    if number >> 112 == _SIX_TO_FOUR:
        return (IPv4Address(number >> 80 & _LOW),)
    if number >> 96 == _TEREDO:
        # The client's is inverted, so that no NAT on the way changes it.
        return IPv4Address(~number & _LOW), IPv4Address(number >> 64 & _LOW)
    if number >> 32 & _NOT_THE_UNIVERSAL_BIT == _ISATAP:
        return (IPv4Address(number & _LOW),)
    return ()


def _translated_locally(number: int) -> tuple[IPv4Address, ...]:
    """Return what a translator may read in an address of 64:ff9b:1::/48, by RFC 6052, 2.2.

    Its operator chooses a prefix of 48, 56, 64 or 96 bits. In the first three, bits 64 to 71 and all behind the
    IPv4 address are zero. A reading that ends in 0 or is in 0.0.0.0/8 names no host: the prefix is another one.
    """
    found = [number & _LOW] if number & 0xFFFFFF else []
    for length in (48, 56, 64):
        # How many of the lower 64 bits are behind the IPv4 address, and how many of it are among them.
        behind, below = 64 - (length - 24), length - 32
        if number >> 56 & 0xFF or number & ((1 << behind) - 1):
            continue
        above = (number >> 64) & ((1 << (64 - length)) - 1)
        value = above << below | (number >> behind & ((1 << below) - 1))
        if value & 0xFF:
            found.append(value)
    return tuple(IPv4Address(value) for value in found if value >> 24)


def unusable_kind(address: Address) -> str:
    """Return which kind of address no host can have `address` is, or stands for; empty when a host can have it."""
    if address.version == 4:
        return _kind_of_ipv4(int(address))
    number = int(address)
    if number >> 120 == 0xFF:
        return "multicast"
    if number == 1:
        return "loopback"
    if number >> 118 == 0xFE80 >> 6:
        return "link-local"
    kinds = (_kind_of_ipv4(int(inner)) for inner in carried(address))
    return next((kind for kind in kinds if kind), "")


def _kind_of_ipv4(number: int) -> str:
    first = number >> 24
    if first not in _ODD_FIRST_OCTETS and first < 224:
        return ""
    if first == 127:
        return "loopback"
    if number >> 16 == 0xA9FE:
        return "link-local"
    if 224 <= first < 240:
        return "multicast"
    # 0.0.0.0/8, and 240.0.0.0/4 with the broadcast address.
    return "reserved" if first != 169 else ""


def is_loopback(address: Address) -> bool:
    """Return whether `address` is a plain loopback address: one that merely stands for one is not."""
    return not carried(address) and unusable_kind(address) == "loopback"


def no_server_kind(address: Address) -> str:
    """Return the unusable kind of `address`; empty for plain loopback, where LVS's local node serves."""
    return "" if is_loopback(address) else unusable_kind(address)


def no_router_kind(address: Address) -> str:
    """Return the unusable kind of `address`; empty for plain loopback, and for plain link-local ones.

    Two routers on a network of their own may well have link-local addresses.
    """
    kind = no_server_kind(address)
    return "" if kind == "link-local" and not carried(address) else kind


def meaning(address: Address) -> str:
    """Return `address` in words, with the IPv4 address it stands for: ``2002:7f00:1:: (127.0.0.1)``."""
    inner = carried(address)
    odd = next((found for found in inner if unusable_kind(found)), inner[0] if inner else None)
    return str(address) if odd is None else f"{address} ({odd})"


def literal_address(host: str) -> Address | None:
    """Return the address that the C library reads in `host` without asking anybody; None: a name.

    It also reads 2130706433, 0x7f.1 and 0177.0.0.1 as 127.0.0.1.
    """
    host = host.rstrip(".")
    try:
        return IPv4Address(socket.inet_aton(host)) if not set(host) & set(" \t\n\v\f\r") else None
    except (OSError, ValueError):
        pass
    try:
        return IPv6Address(host.partition("%")[0])
    except AddressValueError:
        return None
