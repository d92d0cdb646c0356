"""Asks the machines a router should hear on its network whether they answer: if none does, it is cut off."""

import asyncio
from collections.abc import Collection

from app.host.devices import read_devices
from app.host.neighbour_probe import ProbeFailed, other_owners
from app.lvs.values import Address

EVERY_S = 1.0
"""Between an answer and the next question, which takes a second."""


class Reachability:
    """One question after the other. `somebody` answers, or nobody; None: not known, or there is nobody to ask."""

    def __init__(self) -> None:
        self._due = 0.0
        self._asking: asyncio.Task[None] | None = None
        self.somebody: bool | None = None

    def tick(self, interface: str, neighbours: Collection[Address], now: float) -> None:
        """Ask again if it is time to; without `neighbours` nothing is known."""
        if not neighbours:
            self.stop()
        elif self._asking is None and now >= self._due:
            self._asking = asyncio.get_running_loop().create_task(self._ask(interface, neighbours))

    def stop(self) -> None:
        """Ask nothing any more."""
        if self._asking is not None:
            self._asking.cancel()
        self._asking, self.somebody = None, None

    async def _ask(self, interface: str, neighbours: Collection[Address]) -> None:
        try:
            own = [bytes.fromhex(device.hardware.replace(":", "")) for device in read_devices()]
            self.somebody = bool(await other_owners(interface, neighbours, own, heeds_askers=False))
        except ProbeFailed:
            self.somebody = None
        self._asking, self._due = None, asyncio.get_running_loop().time() + EVERY_S
