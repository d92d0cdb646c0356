"""Probes the networks of the virtual IPs, from time to time, for another machine that has them."""

import asyncio
from collections.abc import Callable, Collection, Iterable

from app.host.network.devices import DeviceReader
from app.host.packets.neighbour_probe import ProbeFailed, other_owners, own_hardware
from app.lvs.desired.addresses import VirtualAddress

EVERY_S = 2.0
"""Between an answer and the next probe; a probe takes a second, and three small frames if nobody answers."""
PROBED_AT_MOST = 8


class ArpProbe:
    """Runs one probe after the other, for one address of each family on each interface.

    `answer` is the hardware address that answered; empty: none did; None: unknown. Calls `answered`.
    """

    def __init__(self, answered: Callable[[], None], devices: DeviceReader) -> None:
        self._devices = devices
        self._answered = answered
        self._due = 0.0
        self._asking: asyncio.Task[None] | None = None
        self.answer: str | None = None

    def tick(self, wanted: Iterable[VirtualAddress], now: float) -> None:
        """Start the next probe if it is due."""
        if self._asking is None and now >= self._due:
            asked = {(virtual.interface, virtual.address.version): virtual for virtual in reversed([*wanted])}
            work = self._ask(list(asked.values())[:PROBED_AT_MOST])
            self._asking = asyncio.get_running_loop().create_task(work)

    def forget(self) -> None:
        """Discard the answer, which may be outdated, and probe again immediately."""
        self.stop()
        self.answer, self._due = None, 0.0

    def stop(self) -> None:
        """Stop probing."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    async def _ask(self, virtuals: list[VirtualAddress]) -> None:
        devices = self._devices()
        own = own_hardware(device.hardware for device in devices)
        with_link = {device.name for device in devices if device.is_up}
        answers = await asyncio.gather(
            *(_answer(virtual, own) for virtual in virtuals if virtual.interface in with_link)
        )
        known = [answer for answer in answers if answer is not None]
        self.answer = max(known) if known else None
        self._asking, self._due = None, asyncio.get_running_loop().time() + EVERY_S
        self._answered()


async def _answer(virtual: VirtualAddress, own: Collection[bytes]) -> str | None:
    try:
        owners = await other_owners(virtual.interface, [virtual.address], own, heeds_askers=False)
    except (ProbeFailed, OSError):
        return None
    return owners.get(virtual.address, "")
