"""Asks the machines a router should hear on its network whether they answer: if none does, it is cut off."""

import asyncio
from collections.abc import Mapping

from app.host.network.devices import read_devices
from app.host.packets.neighbour_probe import ProbeFailed, answers_any, own_hardware
from app.lvs.model.values import Address


class Reachability:
    """One question after the other, a second each. `somebody` answers, or nobody; None: that is not known."""

    def __init__(self) -> None:
        self._asking: asyncio.Task[None] | None = None
        self.somebody: bool | None = None

    def tick(self, interface: str, neighbours: Mapping[Address, Address]) -> None:
        """Ask `neighbours`, each from the own address beside it, if nobody is being asked."""
        if not neighbours:
            self.stop()
        elif self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._ask(interface, dict(neighbours)))

    def stop(self) -> None:
        """Ask nothing any more; nothing is known."""
        if self._asking is not None:
            self._asking.cancel()
        self._asking, self.somebody = None, None

    async def _ask(self, interface: str, neighbours: Mapping[Address, Address]) -> None:
        try:
            devices = {device.name: device.hardware for device in read_devices()}
            own = own_hardware(devices.values())
            answer = await answers_any(interface, neighbours, own)
        except (ProbeFailed, OSError):
            self.somebody = None
        else:
            # Where nobody has a hardware address nobody was asked.
            self.somebody = answer if devices.get(interface) else None
