"""Notices that keepalived has lost an interface that was made anew, or takes it for down: 2.2.7 may do so."""

from app.host.keepalived import KeepalivedAnswer
from app.host.network.devices import read_devices
from app.lvs.pair.vrrp import Vrrp

STUCK_S = 3.0
"""It follows an interface within a fraction of a second, and never when it has not by then."""


class FaultWatch:
    """Asked at every look; times are those of a clock that does not jump, in seconds."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._index = 0

    def is_made_anew(self, index: int) -> bool:
        """Return whether the interface, whose number is now `index`, 0: it is not there, is another than it was.

        keepalived takes an interface up that comes back, and hears nothing on it any more.
        """
        before, self._index = self._index, index or self._index
        return bool(index and before and index != before)

    def is_stuck(self, vrrp: Vrrp, answer: KeepalivedAnswer | None, now: float) -> bool:
        """Return whether keepalived has said "fault" for some time, with every interface it watches up."""
        if answer is None or not answer.is_fault or not _are_up(vrrp):
            self._since = None
            return False
        if self._since is None:
            self._since = now
        if now - self._since < STUCK_S:
            return False
        self._since = None
        return True


def _are_up(vrrp: Vrrp) -> bool:
    devices = {device.name: device for device in read_devices()}
    watched = [devices.get(name) for name in (vrrp.interface, *vrrp.tracked)]
    if not all(device is not None and device.is_up for device in watched):
        return False
    return any(own.address == vrrp.own for own in devices[vrrp.interface].addresses)
