"""Brings virtual IPs up on their interfaces and takes them down again.

Never switches an interface on or off, never touches an address it was not given, and announces nothing
(`arp.py` does).
"""

import errno
import os
import socket
from dataclasses import replace
from ipaddress import IPv4Network
from types import TracebackType
from typing import Self

from app.host.rtnetlink import IS_DEPRECATED, IS_SECONDARY, NO_DUPLICATE_DETECTION, LinkAddress, RouteSocket
from app.host.sysctl import promotes_secondaries
from app.lvs.virtual_address import VirtualAddress

_LABEL_MAX = 15
_WITHOUT_BROADCAST = 31


class AddressFailed(Exception):
    """An address could not be brought up or down; the message says why and what to do."""


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

    def present(self) -> frozenset[tuple[str, LinkAddress]]:
        """Return every address that is up, with the name of its interface."""
        names = {link.index: link.name for link in self._route.links()}
        # An interface that went and came back has another index.
        self._indexes = {name: index for index, name in names.items()}
        return frozenset(
            (names[address.index], address) for address in self._route.addresses() if address.index in names
        )

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
        # A longer label the kernel refuses; the address works without.
        label = virtual.label if virtual.label and len(virtual.label) <= _LABEL_MAX else None
        return LinkAddress(index, virtual.address, virtual.prefix, label, _broadcast(virtual))

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

    def _secondaries_of(self, virtual: VirtualAddress, index: int) -> tuple[LinkAddress, ...]:
        if virtual.address.version == 6 or virtual.prefix == 32 or promotes_secondaries(virtual.interface):
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
