"""Lists the interfaces and addresses of this network namespace and receives the kernel's events about them.

Through pyroute2, on the running loop. Keeps no state: `interfaces.py` does, which imports this module only when it
starts, since loading pyroute2 takes a while and most commands do not need it.
"""

import asyncio
import errno
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from ipaddress import ip_address
from typing import ClassVar, TypeVar

from app.host.network.lean_pyroute2 import AsyncNetlinkSocket, Marshal, ifaddrmsg, ifinfmsg, netlink, nlmsg, rtnl
from app.host.network.link import AddressNotice, Link, LinkAddress, LinkNotice, Listing, Notice

ANSWER_WITHIN_S = 10.0
"""The kernel answers within the call that asks; only a lost answer is waited for so long."""
RECEIVE_QUEUE = 4 << 20
"""Room, in bytes, for some thousands of events while the loop does something else."""

_GROUPS = rtnl.RTMGRP_LINK | rtnl.RTMGRP_IPV4_IFADDR | rtnl.RTMGRP_IPV6_IFADDR
_GET = netlink.NLM_F_REQUEST | netlink.NLM_F_ACK
_DUMP = netlink.NLM_F_REQUEST | netlink.NLM_F_DUMP
_WITHOUT_STATISTICS = 8
_DUMP_TRIES = 5
_LOOPBACK_INDEX = 1
_IS_RUNNING = 0x40
_HAS_NO_ARP = 0x80
_INET, _INET6 = 2, 10
_RECEIVE_BUFFER_FORCE = 33

_Answer = TypeVar("_Answer")


class InterfaceSocket:
    """One socket for events and requests, so that an answer comes after every event that preceded it.

    Calls `on_notice` for each event, and once `on_lost` when the kernel has dropped some: the socket is then of no
    further use.
    """

    def __init__(
        self, on_notice: Callable[[Notice], None], on_lost: Callable[[], None], receive_queue: int = RECEIVE_QUEUE
    ) -> None:
        self._on_notice = on_notice
        self._on_lost = on_lost
        self._lost = asyncio.get_running_loop().create_future()
        self._receive_queue = receive_queue
        self._route = _EventRoute(self._on_event)

    async def open(self) -> None:
        """Begin to receive events; raise OSError."""
        await self._route.bind(_GROUPS)
        with suppress(PermissionError):
            # Beyond net.core.rmem_max; needs CAP_NET_ADMIN.
            self._route.setsockopt(socket.SOL_SOCKET, _RECEIVE_BUFFER_FORCE, self._receive_queue)

    def close(self) -> None:
        """Close the socket; requests that are under way fail."""
        self._lose()
        self._route.close()

    async def list_all(self) -> Listing:
        """Return every interface and address; raise OSError."""
        return await self._within_time(self._list_all())

    async def catch_up(self) -> None:
        """Return when `on_notice` has been called for every change made before this call; raise OSError."""
        await self._within_time(self._ask(_link_request(_LOOPBACK_INDEX), rtnl.RTM_GETLINK, _GET))

    async def _list_all(self) -> Listing:
        links = await self._dump(_link_request, rtnl.RTM_GETLINK)
        addresses = await self._dump(ifaddrmsg, rtnl.RTM_GETADDR)
        return Listing(
            tuple(link for message in links if (link := _link(message)) is not None),
            tuple(address for message in addresses if (address := _address(message)) is not None),
        )

    async def _ask(self, request: nlmsg, kind: int, flags: int) -> list[nlmsg]:
        return [message async for message in await self._route.nlm_request(request, kind, flags)]

    async def _dump(self, request: Callable[[], nlmsg], kind: int) -> list[nlmsg]:
        messages: list[nlmsg] = []
        for _ in range(_DUMP_TRIES):
            messages = await self._ask(request(), kind, _DUMP)
            if not any(message["header"]["flags"] & netlink.NLM_F_DUMP_INTR for message in messages):
                break
        # While others keep changing addresses it may never be whole; events report what came or went meanwhile.
        return messages

    async def _within_time(self, request: Awaitable[_Answer]) -> _Answer:
        asking = asyncio.ensure_future(request)
        try:
            await asyncio.wait({asking, self._lost}, timeout=ANSWER_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                return asking.result()
        finally:
            asking.cancel()
        number = errno.ENOBUFS if self._lost.done() else errno.ETIMEDOUT
        raise OSError(number, os.strerror(number))

    def _on_event(self, message: nlmsg) -> None:
        kind = message["header"]["type"]
        if kind == netlink.NLMSG_ERROR:
            if not self._lost.done():
                self._lose()
                self._on_lost()
        elif (notice := _notice(kind, message)) is not None and not self._lost.done():
            self._on_notice(notice)

    def _lose(self) -> None:
        if not self._lost.done():
            self._lost.set_result(None)


class _InterfaceMessages(Marshal):  # type: ignore[misc] # pyroute2 has no types
    """Reads the messages about interfaces and addresses, which are all that this socket receives."""

    msg_map: ClassVar[Mapping[int, type[nlmsg]]] = {
        rtnl.RTM_NEWLINK: ifinfmsg,
        rtnl.RTM_DELLINK: ifinfmsg,
        rtnl.RTM_NEWADDR: ifaddrmsg,
        rtnl.RTM_DELADDR: ifaddrmsg,
    }


class _EventRoute(AsyncNetlinkSocket):  # type: ignore[misc]
    """Passes events on as they arrive, instead of queueing them for somebody who asks."""

    marshal_class = _InterfaceMessages

    def __init__(self, on_event: Callable[[nlmsg], None]) -> None:
        super().__init__(family=netlink.NETLINK_ROUTE)
        self._on_event = on_event

    def enqueue(self, data: bytes, addr: object) -> None:
        """Pass on what is no answer to a request of this socket.

        An event has the sequence number of the request that caused it and the port of the socket that sent it.
        """
        if int.from_bytes(data[12:16], sys.byteorder) == self.epid:
            super().enqueue(data, addr)
            return
        for message in self.marshal.parse(data):
            self._on_event(message)


def _link_request(index: int = 0) -> nlmsg:
    request = ifinfmsg()
    request["index"] = index
    request["attrs"] = [("IFLA_EXT_MASK", _WITHOUT_STATISTICS)]
    return request


def _notice(kind: int, message: nlmsg) -> Notice | None:
    if kind in (rtnl.RTM_NEWLINK, rtnl.RTM_DELLINK):
        link = _link(message)
        return LinkNotice(link, kind == rtnl.RTM_DELLINK) if link is not None else None
    if kind in (rtnl.RTM_NEWADDR, rtnl.RTM_DELADDR):
        address = _address(message)
        return AddressNotice(address, kind == rtnl.RTM_DELADDR) if address is not None else None
    return None


def _link(message: nlmsg) -> Link | None:
    """Return the interface; None where the message is about a bridge port, whose removal removes no interface."""
    if message["family"]:
        return None
    flags = message["flags"]
    return Link(
        message["index"],
        message.get_attr("IFLA_IFNAME") or "",
        bool(flags & _IS_RUNNING),
        message.get_attr("IFLA_ADDRESS") or "",
        not flags & _HAS_NO_ARP,
        tuple(_other_names(message)),
    )


def _other_names(message: nlmsg) -> Iterator[str]:
    properties = message.get_attr("IFLA_PROP_LIST")
    for kind, name in properties["attrs"] if properties else ():
        if kind == "IFLA_ALT_IFNAME":
            yield name


def _address(message: nlmsg) -> LinkAddress | None:
    """Return the address; None where it is neither IPv4 nor IPv6."""
    if message["family"] not in (_INET, _INET6):
        return None
    # On a point-to-point link ADDRESS is the other end and LOCAL is ours; IPv6 has LOCAL only there.
    text = message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS")
    if text is None:
        return None
    flags = message.get_attr("IFA_FLAGS")
    return LinkAddress(
        message["index"],
        ip_address(text),
        message["prefixlen"],
        message.get_attr("IFA_LABEL"),
        message.get_attr("IFA_BROADCAST"),
        message["scope"],
        message["flags"] if flags is None else flags,
    )
