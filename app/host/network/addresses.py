"""Brings virtual IPs up on their interfaces and removes them again.

Never sets an interface up or down, never touches an address it was not given, and announces nothing
(`app/host/packets/announce.py` does).
"""

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from ipaddress import IPv4Network
from types import TracebackType
from typing import Self

from app.host.network.address_requests import AddressRequests
from app.host.network.interfaces import Interfaces
from app.host.network.ipv6 import NO_IPV6, disabling_sysctl, has_ipv6
from app.host.network.link import (
    IS_DEPRECATED,
    IS_PERMANENT,
    IS_SECONDARY,
    NO_DUPLICATE_DETECTION,
    AddressNotice,
    LinkAddress,
    Notice,
)
from app.host.network.sysctl import promotes_secondaries
from app.lvs.desired.addresses import VirtualAddress

_LABEL_MAX = 15
_WITHOUT_BROADCAST = 31
_LOOPBACK = "lo"
_USABLE_WITHIN_S = 0.1


class AddressFailed(Exception):
    """An address could not be brought up or down; the message says why and what to do."""


class Addresses:
    """The addresses of the network namespace it is entered in, which `interfaces` follows. Use with ``with``."""

    def __init__(self, interfaces: Interfaces, requests: AddressRequests | None = None) -> None:
        self.interfaces = interfaces
        self._requests = requests or AddressRequests()

    def __enter__(self) -> Self:
        self._requests.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._requests.__exit__(kind, error, trace)

    async def add(self, virtual: VirtualAddress) -> bool:
        """Bring `virtual` up; return False when it was up already. Raises AddressFailed or OSError."""
        wanted = self._wanted(virtual)
        try:
            self._add(wanted)
        except FileExistsError as error:
            await self._require_same_prefix(virtual, wanted, error)
            return False
        except OSError as error:
            raise AddressFailed(f"Cannot bring up {virtual}: {_reason(virtual, error)}.") from error
        return True

    async def remove(self, virtual: VirtualAddress) -> bool:
        """Remove exactly `virtual`; return False when it was not there. Raises AddressFailed or OSError."""
        index = _index(virtual.interface)
        if index is None:
            return False
        secondaries = await self._secondaries_of(virtual, index)
        try:
            self._delete(LinkAddress(index, virtual.address, virtual.prefix))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                return False
            raise AddressFailed(f"Cannot remove {virtual}: {_reason(virtual, error)}.") from error
        self._restore(secondaries)
        return True

    async def replace(self, old: VirtualAddress, new: VirtualAddress) -> bool:
        """Put `new` where `old` is: the same address and interface with another label, or in IPv6 another prefix.

        The kernel can change neither in place. The address belongs to this machine throughout: in between it is on
        the loopback. Returns False, and changes nothing, where other addresses of the subnet would be removed with
        it for a moment. Raises AddressFailed or OSError.
        """
        index = _index(old.interface)
        if index is None or await self._secondaries_of(old, index, whatever_promotes=True):
            return False
        async with self._held(old):
            await self.remove(old)
            async with self._until_usable(LinkAddress(index, new.address, new.prefix)):
                await self.add(new)
        return True

    def _wanted(self, virtual: VirtualAddress) -> LinkAddress:
        index = _index(virtual.interface)
        if index is None:
            there = ", ".join(sorted(name for _, name in socket.if_nameindex()))
            raise AddressFailed(
                f"Cannot bring up {virtual}: there is no interface '{virtual.interface}' on this machine. "
                f"It has: {there}. Name one of them as the device."
            )
        if (name := socket.if_indextoname(index)) != virtual.interface:
            # What is compared by name would never be found again.
            raise AddressFailed(
                f"Cannot bring up {virtual}: '{virtual.interface}' is another name of {name} that was not known "
                f"until now. It is tried again; or name {name} as the device."
            )
        if virtual.address.version == 6:
            # The other director of a pair may still have it for a moment: while waiting for the duplicate check,
            # the kernel would leave the address unusable just when it is needed.
            # Nor may the director use it as a source: IPv6 prefers the source address closest to the destination,
            # and a real server that has the virtual address on its loopback would answer itself.
            flags = NO_DUPLICATE_DETECTION | IS_DEPRECATED
            return LinkAddress(index, virtual.address, virtual.prefix, flags=flags)
        return LinkAddress(index, virtual.address, virtual.prefix, label_of(virtual), _broadcast(virtual))

    def _add(self, wanted: LinkAddress) -> None:
        self._requests.add(wanted)
        self.interfaces.note(AddressNotice(replace(wanted, flags=wanted.flags | IS_PERMANENT), is_gone=False))

    def _delete(self, address: LinkAddress) -> None:
        self._requests.delete(address)
        self.interfaces.note(AddressNotice(address, is_gone=True))

    async def _require_same_prefix(self, virtual: VirtualAddress, wanted: LinkAddress, error: OSError) -> None:
        there = [
            found.prefix
            for _, found in (await self.interfaces.read()).addresses
            if found.index == wanted.index and found.address == wanted.address
        ]
        if there and wanted.prefix not in there:
            raise AddressFailed(
                f"Cannot bring up {virtual}: the address is already there with the prefix length {there[0]}. "
                f"Set its netmask to that, or remove it ('ip addr del {virtual.address}/{there[0]} "
                f"dev {virtual.interface}')."
            ) from error

    @asynccontextmanager
    async def _held(self, virtual: VirtualAddress) -> AsyncIterator[None]:
        """For the block, have the address on the loopback as well; an address that is already there stays."""
        index = _index(_LOOPBACK)
        if index is None:
            yield
            return
        holder = LinkAddress(index, virtual.address, virtual.address.max_prefixlen, flags=NO_DUPLICATE_DETECTION)
        try:
            async with self._until_usable(holder):
                self._add(holder)
        except FileExistsError:
            yield
            return
        except OSError as error:
            raise AddressFailed(f"Cannot change {virtual}: {_reason(virtual, error)}.") from error
        try:
            yield
        finally:
            with suppress(OSError):
                # Another process may have removed it meanwhile.
                self._delete(holder)

    @asynccontextmanager
    async def _until_usable(self, wanted: LinkAddress) -> AsyncIterator[None]:
        """After the block, which adds `wanted`, wait until packets to it arrive, but no longer than 0.1 s.

        The kernel adds an IPv6 address immediately and its route a moment later, after which it reports the
        address; on an interface that is down it does neither.
        """
        if wanted.address.version == 4 or not any(
            link.index == wanted.index and link.is_up for link in self.interfaces.state().links.values()
        ):
            yield
            return
        is_usable = asyncio.Event()

        def on_notice(notice: Notice) -> None:
            if isinstance(notice, AddressNotice) and not notice.is_gone:
                found = notice.address
                if (found.index, found.address) == (wanted.index, wanted.address):
                    is_usable.set()

        unsubscribe = self.interfaces.subscribe(on_notice)
        try:
            yield
            with suppress(TimeoutError):
                async with asyncio.timeout(_USABLE_WITHIN_S):
                    await is_usable.wait()
        finally:
            unsubscribe()

    async def _secondaries_of(
        self, virtual: VirtualAddress, index: int, whatever_promotes: bool = False
    ) -> tuple[LinkAddress, ...]:
        if virtual.address.version == 6 or virtual.prefix == 32:
            return ()
        if not whatever_promotes and promotes_secondaries(virtual.interface):
            return ()
        network = _network(virtual)
        there = [found for _, found in (await self.interfaces.read()).addresses if found.index == index]
        if any(_is(found, virtual) and found.flags & IS_SECONDARY for found in there):
            return ()
        return tuple(
            found
            for found in there
            if found.prefix == virtual.prefix and found.address in network and found.flags & IS_SECONDARY
        )

    def _restore(self, secondaries: tuple[LinkAddress, ...]) -> None:
        # With the first address of a subnet the kernel removes all others of it, unless promote_secondaries is
        # set. They are not ours to lose.
        for secondary in secondaries:
            try:
                self._add(replace(secondary, flags=secondary.flags & ~IS_SECONDARY))
            except FileExistsError:
                continue
            except OSError as error:
                raise AddressFailed(
                    f"{secondary.address}/{secondary.prefix} was removed together with another address of its "
                    f"subnet and cannot be brought up again: {os.strerror(error.errno or 0)}. "
                    "Set net.ipv4.conf.all.promote_secondaries to 1 to keep this from happening."
                ) from error


def label_of(virtual: VirtualAddress) -> str | None:
    """Return the label of its own that `virtual` gets in the kernel; None: it gets the interface's name."""
    # The kernel refuses longer labels, of which it counts the bytes; the address works without one.
    return virtual.label if virtual.label and len(virtual.label.encode()) <= _LABEL_MAX else None


def holder_of(virtual: VirtualAddress) -> VirtualAddress:
    """Return the address that `replace` has up for a moment, and that a crash in that moment leaves behind."""
    return VirtualAddress(virtual.address, virtual.address.max_prefixlen, _LOOPBACK)


def _index(interface: str) -> int | None:
    # Looked up each time: an interface that was recreated under its name has another index.
    try:
        return socket.if_nametoindex(interface)
    except OSError:
        return None


def _is(found: LinkAddress, virtual: VirtualAddress) -> bool:
    return (found.address, found.prefix) == (virtual.address, virtual.prefix)


def _broadcast(virtual: VirtualAddress) -> str | None:
    if virtual.prefix >= _WITHOUT_BROADCAST:
        return None
    return str(_network(virtual).broadcast_address)


def _network(virtual: VirtualAddress) -> IPv4Network:
    return IPv4Network((int(virtual.address), virtual.prefix), strict=False)


def _reason(virtual: VirtualAddress, error: OSError) -> str:
    is_ipv6 = virtual.address.version == 6
    if is_ipv6 and not has_ipv6():
        return NO_IPV6
    if error.errno == errno.EACCES and is_ipv6 and (sysctl := disabling_sysctl(virtual.interface)):
        return f"IPv6 is switched off by {sysctl} = 1: set it to 0, or remove the IPv6 address"
    if error.errno in (errno.EPERM, errno.EACCES):
        return "the kernel does not permit it: this process needs CAP_NET_ADMIN; run pulse as root or as a service"
    if error.errno == errno.ENODEV:
        return f"the interface '{virtual.interface}' is gone, or has no IPv{virtual.address.version}"
    return f"the kernel answers '{os.strerror(error.errno or 0)}'"
