"""Probes the machines that should answer on a router's network: if none does, the router is cut off."""

import asyncio
from collections.abc import Mapping

from app.host.network.devices import DeviceReader
from app.host.packets.neighbour_probe import ProbeFailed, answers_any, own_hardware
from app.lvs.model.values import Address


class Reachability:
    """Runs one probe after the other, a second each. `somebody`: a neighbour answers; None: unknown."""

    def __init__(self, devices: DeviceReader) -> None:
        self._devices = devices
        self._asking: asyncio.Task[None] | None = None
        self.somebody: bool | None = None

    def tick(self, interface: str, neighbours: Mapping[Address, Address]) -> None:
        """Probe `neighbours`, each from the own address it is mapped to, unless a probe is running."""
        if not neighbours:
            self.stop()
        elif self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._ask(interface, dict(neighbours)))

    def stop(self) -> None:
        """Stop probing and discard the answer."""
        if self._asking is not None:
            self._asking.cancel()
        self._asking, self.somebody = None, None

    async def _ask(self, interface: str, neighbours: Mapping[Address, Address]) -> None:
        try:
            devices = {device.name: device.hardware for device in self._devices()}
            own = own_hardware(devices.values())
            answer = await answers_any(interface, neighbours, own)
        except (ProbeFailed, OSError):
            self.somebody = None
        else:
            # On an interface without a hardware address no probe was sent.
            self.somebody = answer if devices.get(interface) else None
