"""Probes an interface's network segment for addresses: for duplicates, or for neighbours (RFC 5227, RFC 4862)."""

import asyncio
import ctypes
import socket
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from struct import Struct

from app.host.packets.announce import interface_problem
from app.host.packets.probe_frames import ARP, IPV6, claim, probe_frame
from app.lvs.model.values import Address

PROBES = 3
APART_S = 0.3
LISTEN_S = 0.4
"""Three requests in the first 0.6 s, then 0.4 s for an answer to the last: one second in all."""
_AT_ONCE = 50
_BATCHES_APART_S = 0.05
"""At most 1,000 requests a second, however many addresses there are."""

_PROTOCOLS = ((4, ARP), (6, IPV6))
_ETHERNET = 1
_FRAMES_AT_ONCE = 100
_SOL_PACKET, _ADD_MEMBERSHIP, _ALL_MULTICAST = 263, 1, 2
_ATTACH_FILTER = 26
_MEMBERSHIP = Struct("=iHH8x")
_INSTRUCTION = Struct("=HBBI")
_PROGRAM = Struct("@HP")

_NEIGHBOURS_ONLY = (
    # Classic BPF: load the next header; unless it is ICMPv6, drop; load the type; keep 135 and 136.
    (0x30, 0, 0, 20),
    (0x15, 0, 4, 58),
    (0x30, 0, 0, 54),
    (0x15, 1, 0, 135),
    (0x15, 0, 1, 136),
    (0x06, 0, 0, 0xFFFF),
    (0x06, 0, 0, 0),
)


class ProbeFailed(Exception):
    """No request could be sent; the message says why and what to do."""


def own_hardware(interfaces: Iterable[str]) -> frozenset[bytes]:
    """Return the hardware addresses of this machine's `interfaces`, as the probes below take them."""
    return frozenset(bytes.fromhex(text.replace(":", "")) for text in interfaces)


async def other_owners(
    interface: str, addresses: Collection[Address], own: Collection[bytes], *, heeds_askers: bool = True
) -> dict[Address, str]:
    """Return the hardware addresses of the machines that have some of `addresses`, after at least a second.

    `own` are this machine's hardware addresses, whose answers do not count. With `heeds_askers`, a machine that is
    probing for the address at the same time counts too, as it is about to take it. On an interface without
    hardware addresses (lo, a tunnel) nothing is sent. Raises ProbeFailed.
    """
    owners: dict[Address, str] = {}
    try:
        for version, protocol in _PROTOCOLS:
            asked: dict[Address, Address | None] = {
                address: None for address in addresses if address.version == version
            }
            if asked:
                with closing(_listener(interface, protocol)) as listener:
                    await _ask(listener, asked, own, owners, heeds_askers)
    except OSError as error:
        raise _failed(interface, error) from error
    return owners


async def answers_any(interface: str, neighbours: Mapping[Address, Address], own: Collection[bytes]) -> bool:
    """Return, after a second, whether any of `neighbours` answers; each with the own address to ask it from.

    `own` is as for `other_owners`. Raises ProbeFailed.
    """
    owners: dict[Address, str] = {}

    async def ask(protocol: int, asked: Mapping[Address, Address]) -> None:
        with closing(_listener(interface, protocol)) as listener:
            await _ask(listener, asked, own, owners, heeds_askers=False)

    try:
        await asyncio.gather(
            *(
                ask(protocol, asked)
                for version, protocol in _PROTOCOLS
                if (
                    asked := {
                        neighbour: source
                        for neighbour, source in neighbours.items()
                        if neighbour.version == version
                    }
                )
            )
        )
    except OSError as error:
        raise _failed(interface, error) from error
    return bool(owners)


def _failed(interface: str, error: OSError) -> ProbeFailed:
    problem = interface_problem(interface, error)
    return ProbeFailed(f"Cannot probe on {interface} whether another machine has an address: {problem}.")


async def _ask(
    listener: socket.socket,
    addresses: Mapping[Address, Address | None],
    own: Collection[bytes],
    owners: dict[Address, str],
    heeds_askers: bool,
) -> None:
    """Request each of `addresses`, from the source address it maps to, until it is among `owners`."""
    _, _, _, kind, hardware = listener.getsockname()
    if kind != _ETHERNET:
        return
    unclaimed = set(addresses)
    with _heard(listener, hardware, own, unclaimed, owners, heeds_askers):
        for _ in range(PROBES):
            unanswered = [address for address in addresses if address in unclaimed]
            for start in range(0, len(unanswered), _AT_ONCE):
                for address in unanswered[start : start + _AT_ONCE]:
                    listener.send(probe_frame(hardware, address, addresses[address]))
                await asyncio.sleep(_BATCHES_APART_S)
            await asyncio.sleep(APART_S - _BATCHES_APART_S)
        await asyncio.sleep(LISTEN_S - APART_S)


@contextmanager
def _heard(
    listener: socket.socket,
    hardware: bytes,
    own: Collection[bytes],
    unclaimed: set[Address],
    owners: dict[Address, str],
    heeds_askers: bool,
) -> Iterator[None]:
    """For the block, record which machine claims an address that was `unclaimed`."""

    def hear() -> None:
        for _ in range(_FRAMES_AT_ONCE):
            try:
                heard = claim(listener.recv(256))
            except OSError:
                # The queue is empty; or the interface is gone, and the next request fails.
                return
            if heard is None or heard.address not in unclaimed or heard.hardware in own:
                continue
            # Two that probe at the same time would both refrain: the lower hardware address takes it.
            if heard.is_probe and (not heeds_askers or heard.hardware > hardware):
                continue
            unclaimed.discard(heard.address)
            owners[heard.address] = heard.hardware.hex(":")

    loop = asyncio.get_running_loop()
    loop.add_reader(listener, hear)
    try:
        yield
    finally:
        loop.remove_reader(listener)


def _listener(interface: str, protocol: int) -> socket.socket:
    # Not bound to a protocol at first, so that nothing is received before the filter is in place.
    listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK, 0)
    try:
        if protocol == IPV6:
            _hear_neighbours_only(listener, socket.if_nametoindex(interface))
        listener.bind((interface, protocol))
    except OSError:
        listener.close()
        raise
    return listener


def _hear_neighbours_only(listener: socket.socket, index: int) -> None:
    """Receive only neighbour discovery: a director's interface is full of other packets."""
    code = b"".join(_INSTRUCTION.pack(*instruction) for instruction in _NEIGHBOURS_ONLY)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _PROGRAM.pack(len(_NEIGHBOURS_ONLY), ctypes.addressof(buffer))
    listener.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)
    # The solicitations of others go to multicast groups this machine does not listen to otherwise.
    listener.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, _MEMBERSHIP.pack(index, _ALL_MULTICAST, 0))
