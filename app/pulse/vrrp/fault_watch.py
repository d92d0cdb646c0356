"""Detects that keepalived has lost an interface that was recreated, or considers it down; 2.2.7 may do so."""

from app.host.keepalived import KeepalivedAnswer
from app.host.network.devices import DeviceReader
from app.lvs.pair.vrrp import Vrrp

STUCK_S = 3.0
"""keepalived follows an interface within a fraction of a second; if it has not by then, it never does."""


class FaultWatch:
    """Called at every poll; times are monotonic, in seconds."""

    def __init__(self, devices: DeviceReader) -> None:
        self._devices = devices
        self._since: float | None = None
        self._index = 0

    def is_recreated(self, index: int) -> bool:
        """Return whether the interface, whose index is now `index` (0: there is none), is another one than before.

        keepalived accepts an interface that comes back, but no longer hears anything on it.
        """
        before, self._index = self._index, index or self._index
        return bool(index and before and index != before)

    def is_stuck(self, vrrp: Vrrp, answer: KeepalivedAnswer | None, now: float) -> bool:
        """Return whether keepalived has been in fault state for some time with all its interfaces up."""
        if answer is None or not answer.is_fault or not self._are_up(vrrp):
            self._since = None
            return False
        if self._since is None:
            self._since = now
        if now - self._since < STUCK_S:
            return False
        self._since = None
        return True

    def _are_up(self, vrrp: Vrrp) -> bool:
        devices = {device.name: device for device in self._devices()}
        tracked = [devices.get(name) for name in (vrrp.interface, *vrrp.tracked)]
        if not all(device is not None and device.is_up for device in tracked):
            return False
        return any(own.address == vrrp.own for own in devices[vrrp.interface].addresses)
