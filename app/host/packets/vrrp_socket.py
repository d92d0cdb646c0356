"""Receives VRRP advertisements alongside keepalived, and sends the one that keepalived does not send."""

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from struct import Struct

from app.host.packets.vrrp_frames import PROTOCOL, Advert, given_up_advert, unpack_advert, without_ipv4_header
from app.lvs.model.values import Address
from app.lvs.pair.vrrp import Vrrp

_GROUPS = {4: "224.0.0.18", 6: "ff02::12"}
_MEMBERSHIP4 = Struct("=4s4si")
_MEMBERSHIP6 = Struct("=16si")
_HOP_LIMIT = 255
"""Receivers drop any other value: this one proves that no router has forwarded the packet."""
_AT_ONCE = 100
_LONGEST = 2048


class AdvertsUnheard(Exception):
    """Advertisements cannot be received; the message says why."""


class AdvertUnsaid(Exception):
    """The advertisement could not be sent to the partner; the message says why."""


def say_given_up(vrrp: Vrrp) -> None:
    """Notify the partner that this router has given up the virtual router; raise AdvertUnsaid.

    keepalived sends this when it gives up on its own, but not when it yields to a partner that is master too.
    """
    is_ipv4 = vrrp.own.version == 4
    body = given_up_advert(vrrp.router_id, vrrp.advert_ms, vrrp.marker, vrrp.own, vrrp.peer)
    kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    try:
        with socket.socket(socket.AF_INET if is_ipv4 else socket.AF_INET6, kind, PROTOCOL) as sender:
            level, limit = (
                (socket.IPPROTO_IP, socket.IP_TTL) if is_ipv4 else (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS)
            )
            sender.setsockopt(level, limit, _HOP_LIMIT)
            sender.bind(_place_of(vrrp.own, vrrp.interface))
            sender.sendto(body, _place_of(vrrp.peer, vrrp.interface))
    except OSError as error:
        raise AdvertUnsaid(
            f"Cannot notify {vrrp.peer} that this router has given up the virtual IPs: {error.strerror}."
        ) from error


def _place_of(address: Address, interface: str) -> tuple[str, int] | tuple[str, int, int, int]:
    if address.version == 4:
        return str(address), 0
    return str(address), 0, 0, socket.if_nametoindex(interface) if address.is_link_local else 0


class Adverts:
    """The advertisements on `interface`, multicast too: so routers that keepalived should ignore are noticed."""

    def __init__(self, interface: str, version: int) -> None:
        family = socket.AF_INET if version == 4 else socket.AF_INET6
        self._version = version
        kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        try:
            self._socket = socket.socket(family, kind, PROTOCOL)
        except OSError as error:
            raise AdvertsUnheard(
                f"Cannot receive VRRP advertisements: {error.strerror}; pulse needs CAP_NET_RAW."
            ) from error
        try:
            self._join(socket.if_nametoindex(interface))
        except OSError as error:
            self._socket.close()
            raise AdvertsUnheard(
                f"Cannot receive VRRP advertisements on {interface}: {error.strerror}."
            ) from error

    def fileno(self) -> int:
        """Return the file descriptor for a loop."""
        return self._socket.fileno()

    def hears(self, own: Address) -> bool:
        """Return whether advertisements to an address of the family of `own` are received."""
        return own.version == self._version

    def close(self) -> None:
        """Stop receiving."""
        self._socket.close()

    def heard(self) -> Iterator[tuple[Address, Advert]]:
        """Yield the advertisements received since the last call, each with its sender, without waiting."""
        for _ in range(_AT_ONCE):
            try:
                packet, (sender, *_) = self._socket.recvfrom(_LONGEST)
            except OSError:
                # The queue is empty; an interface that is gone is reported elsewhere.
                return
            advert = unpack_advert(without_ipv4_header(packet) if self._version == 4 else packet)
            if advert is not None:
                yield ip_address(str(sender).partition("%")[0]), advert

    def _join(self, index: int) -> None:
        group = ip_address(_GROUPS[self._version]).packed
        if self._version == 4:
            member = _MEMBERSHIP4.pack(group, bytes(4), index)
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        else:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, _MEMBERSHIP6.pack(group, index))
