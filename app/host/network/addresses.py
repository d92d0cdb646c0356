"""Brings virtual IPs up on their interfaces and takes them down again.

Never switches an interface on or off, never touches an address it was not given, and announces nothing
(`arp.py` does).
"""

import errno
import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from types import TracebackType
from typing import Self

from app.host.netlink.route import RouteSocket
from app.host.netlink.route_frames import (
    IS_DEPRECATED,
    IS_SECONDARY,
    NO_DUPLICATE_DETECTION,
    LinkAddress,
    LinkMessage,
)
from app.host.network.link_watch import AddressNotice, LinkWatch
from app.host.network.sysctl import promotes_secondaries
from app.lvs.desired.addresses import VirtualAddress

_LABEL_MAX = 15
_WITHOUT_BROADCAST = 31
_LOOPBACK = "lo"
_USABLE_WITHIN_S = 0.1


class AddressFailed(Exception):
    """An address could not be brought up or down; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class AddressState:
    """The interfaces by name, and every address that is up with the name of its interface."""

    links: dict[str, LinkMessage]
    addresses: frozenset[tuple[str, LinkAddress]]


class Addresses:
    """The addresses of the network namespace it is entered in. Use with ``with``."""

    def __enter__(self) -> Self:
        self._route = RouteSocket()
        self._route.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._route.__exit__(kind, error, trace)

    def add(self, virtual: VirtualAddress) -> bool:
        """Bring `virtual` up; return False when it was up already. Raises AddressFailed."""
        wanted = self._wanted(virtual)
        try:
            self._route.add(wanted)
        except FileExistsError as error:
            self._require_same_prefix(virtual, wanted, error)
            return False
        except OSError as error:
            raise AddressFailed(f"Cannot bring up {virtual}: {_reason(virtual, error)}.") from error
        return True

    def remove(self, virtual: VirtualAddress) -> bool:
        """Take exactly `virtual` down; return False when it was not there. Raises AddressFailed."""
        index = _index(virtual.interface)
        if index is None:
            return False
        neighbours = self._secondaries_of(virtual, index)
        try:
            self._route.delete(LinkAddress(index, virtual.address, virtual.prefix))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                return False
            raise AddressFailed(f"Cannot take down {virtual}: {_reason(virtual, error)}.") from error
        self._put_back(neighbours)
        return True

    def replace(self, old: VirtualAddress, new: VirtualAddress) -> bool:
        """Put `new` where `old` is: the same address and interface with another label, or in IPv6 another prefix.

        The kernel can change neither in place. The address stays this machine's all the while: in between it is
        on the loopback. Returns False, and changes nothing, where other addresses of the subnet would go for a
        moment with it. Raises AddressFailed.
        """
        index = _index(old.interface)
        if index is None or self._secondaries_of(old, index, whatever_promotes=True):
            return False
        with self._held(old), closing(LinkWatch()) as watch:
            self.remove(old)
            self.add(new)
            self._await_usable(watch, LinkAddress(index, new.address, new.prefix))
        return True

    def read(self) -> AddressState:
        """Return what there is; raise OSError."""
        names = {link.index: link for link in self._route.links()}
        return AddressState(
            {link.name: link for link in names.values()},
            frozenset(
                (names[address.index].name, address)
                for address in self._route.addresses()
                if address.index in names
            ),
        )

    def present(self) -> frozenset[tuple[str, LinkAddress]]:
        """Return every address that is up, with the name of its interface; raise OSError."""
        return self.read().addresses

    def is_up(self, virtual: VirtualAddress) -> bool:
        """Tell whether `virtual` is on its interface with its prefix."""
        index = _index(virtual.interface)
        return any(_is(address, virtual, index) for address in self._route.addresses())

    def _wanted(self, virtual: VirtualAddress) -> LinkAddress:
        index = _index(virtual.interface)
        if index is None:
            there = ", ".join(sorted(link.name for link in self._route.links()))
            raise AddressFailed(
                f"Cannot bring up {virtual}: there is no interface '{virtual.interface}' on this machine. "
                f"It has: {there}. Name one of them as the device."
            )
        if virtual.address.version == 6:
            # The other director of a pair may hold it for a moment yet: waiting for the duplicate check, the
            # kernel would leave the address unusable just when it is needed.
            # Nor may the director speak from it: IPv6 takes the address most alike its target's as the source,
            # and a real server that has the virtual address on its loopback would answer itself.
            flags = NO_DUPLICATE_DETECTION | IS_DEPRECATED
            return LinkAddress(index, virtual.address, virtual.prefix, flags=flags)
        return LinkAddress(index, virtual.address, virtual.prefix, label_of(virtual), _broadcast(virtual))

    def _require_same_prefix(self, virtual: VirtualAddress, wanted: LinkAddress, error: OSError) -> None:
        there = [
            found.prefix
            for found in self._route.addresses()
            if found.index == wanted.index and found.address == wanted.address
        ]
        if there and wanted.prefix not in there:
            raise AddressFailed(
                f"Cannot bring up {virtual}: the address is there already with the prefix length {there[0]}. "
                f"Set its netmask to that, or remove it ('ip addr del {virtual.address}/{there[0]} "
                f"dev {virtual.interface}')."
            ) from error

    @contextmanager
    def _held(self, virtual: VirtualAddress) -> Iterator[None]:
        """Within, have the address on the loopback as well; one that is there already stays."""
        index = _index(_LOOPBACK)
        if index is None:
            yield
            return
        holder = LinkAddress(index, virtual.address, virtual.address.max_prefixlen, flags=NO_DUPLICATE_DETECTION)
        with closing(LinkWatch()) as watch:
            try:
                self._route.add(holder)
            except FileExistsError:
                yield
                return
            except OSError as error:
                raise AddressFailed(f"Cannot change {virtual}: {_reason(virtual, error)}.") from error
            self._await_usable(watch, holder)
        try:
            yield
        finally:
            with suppress(OSError):
                # Somebody may have taken it away meanwhile.
                self._route.delete(holder)

    def _await_usable(self, watch: LinkWatch, wanted: LinkAddress) -> None:
        """Return when packets to `wanted` arrive, as `watch`, opened before it was added, tells.

        The kernel adds an IPv6 address at once, and its route in a moment of its own; on an interface that is down
        it does not. It is waited for no longer than 0.1 s.
        """
        if wanted.address.version == 4 or not any(
            link.index == wanted.index and link.is_up for link in self._route.links()
        ):
            return
        until = time.monotonic() + _USABLE_WITHIN_S
        while (left := until - time.monotonic()) > 0:
            select.select([watch], [], [], left)
            for notice in watch.notices():
                if isinstance(notice, AddressNotice) and not notice.is_gone:
                    found = notice.address
                    if (found.index, found.address) == (wanted.index, wanted.address):
                        return

    def _secondaries_of(
        self, virtual: VirtualAddress, index: int, whatever_promotes: bool = False
    ) -> tuple[LinkAddress, ...]:
        if virtual.address.version == 6 or virtual.prefix == 32:
            return ()
        if not whatever_promotes and promotes_secondaries(virtual.interface):
            return ()
        network = _network(virtual)
        there = [found for found in self._route.addresses() if found.index == index]
        if any(_is(found, virtual, index) and found.flags & IS_SECONDARY for found in there):
            return ()
        return tuple(
            found
            for found in there
            if found.prefix == virtual.prefix and found.address in network and found.flags & IS_SECONDARY
        )

    def _put_back(self, neighbours: tuple[LinkAddress, ...]) -> None:
        # With the first address of a subnet the kernel takes all others of it away, unless promote_secondaries
        # is set. They are not ours to lose.
        for neighbour in neighbours:
            try:
                self._route.add(replace(neighbour, flags=neighbour.flags & ~IS_SECONDARY))
            except FileExistsError:
                continue
            except OSError as error:
                raise AddressFailed(
                    f"{neighbour.address}/{neighbour.prefix} went down together with another address of its "
                    f"subnet and cannot be brought up again: {os.strerror(error.errno or 0)}. "
                    "Set net.ipv4.conf.all.promote_secondaries to 1 to keep this from happening."
                ) from error


def label_of(virtual: VirtualAddress) -> str | None:
    """Return the label `virtual` gets in the kernel; None: none of its own, and so the interface's name."""
    # A longer one the kernel refuses; the address works without.
    return virtual.label if virtual.label and len(virtual.label) <= _LABEL_MAX else None


def holder_of(virtual: VirtualAddress) -> VirtualAddress:
    """Return what `replace` has up for a moment, and what a crash in that moment leaves behind."""
    return VirtualAddress(virtual.address, virtual.address.max_prefixlen, _LOOPBACK)


def _index(interface: str) -> int | None:
    # Asked each time: an interface that was made anew under its name has another number.
    try:
        return socket.if_nametoindex(interface)
    except OSError:
        return None


def _is(found: LinkAddress, virtual: VirtualAddress, index: int | None) -> bool:
    return (found.index, found.address, found.prefix) == (index, virtual.address, virtual.prefix)


def _broadcast(virtual: VirtualAddress) -> str | None:
    if virtual.prefix >= _WITHOUT_BROADCAST:
        return None
    return str(_network(virtual).broadcast_address)


def _network(virtual: VirtualAddress) -> IPv4Network:
    return IPv4Network((int(virtual.address), virtual.prefix), strict=False)


def _reason(virtual: VirtualAddress, error: OSError) -> str:
    if error.errno in (errno.EPERM, errno.EACCES):
        return "the kernel refuses it to this process: it needs CAP_NET_ADMIN; run pulse as root or as a service"
    if error.errno == errno.ENODEV:
        return f"the interface '{virtual.interface}' has gone, or has no IPv{virtual.address.version}"
    return f"the kernel answers '{os.strerror(error.errno or 0)}'"
