"""Asks the networks of the virtual IPs, from time to time, whether another machine answers for them."""

import asyncio
from collections.abc import Callable, Collection, Iterable

from app.host.network.devices import read_devices
from app.host.packets.neighbour_probe import ProbeFailed, other_owners, own_hardware
from app.lvs.desired.addresses import VirtualAddress

EVERY_S = 2.0
"""Between an answer and the next question; each takes a second, and three small frames where nobody answers."""
ASKED_AT_MOST = 8


class ArpProbe:
    """One question after the other, of one address of each family on each interface.

    `answer` is the hardware address that answered, empty: nobody did, None: it is not known. Calls `answered`.
    """

    def __init__(self, answered: Callable[[], None]) -> None:
        self._answered = answered
        self._due = 0.0
        self._asking: asyncio.Task[None] | None = None
        self.answer: str | None = None

    def tick(self, wanted: Iterable[VirtualAddress], now: float) -> None:
        """Ask again if it is time to."""
        if self._asking is None and now >= self._due:
            asked = {(virtual.interface, virtual.address.version): virtual for virtual in reversed([*wanted])}
            work = self._ask(list(asked.values())[:ASKED_AT_MOST])
            self._asking = asyncio.get_running_loop().create_task(work)

    def forget(self) -> None:
        """Know nothing, and ask at once: what was answered may be otherwise by now."""
        self.stop()
        self.answer, self._due = None, 0.0

    def stop(self) -> None:
        """Ask nothing any more."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    async def _ask(self, virtuals: list[VirtualAddress]) -> None:
        try:
            devices = read_devices()
        except OSError:
            # Then it is not known, as where nobody could be asked; the next question may be.
            devices = ()
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
    except ProbeFailed:
        return None
    return owners.get(virtual.address, "")
