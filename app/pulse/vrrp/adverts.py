"""Listens for advertisements of the pair's virtual router: from the partner, and from foreign routers."""

import asyncio
import math
from collections.abc import Callable

from app.host.packets.vrrp_frames import Advert
from app.host.packets.vrrp_socket import Adverts, AdvertsUnheard
from app.lvs.model.values import Address
from app.lvs.pair.vrrp import Vrrp

KEPT_S = 60.0
KEPT = 20
"""A sender's address is easily forged: without a limit, forged advertisements could fill the memory."""


class ForeignRouters:
    """Routers that use the virtual router ID of the pair without being part of it. Times are monotonic."""

    def __init__(self) -> None:
        self._heard: dict[Address, float] = {}

    def note(self, sender: Address, now: float) -> None:
        """Note an advertisement of `sender`; if there are too many senders, new ones are ignored."""
        if sender not in self._heard and len(self._heard) >= KEPT:
            self._heard = {advert: at for advert, at in self._heard.items() if at > now - KEPT_S}
        if sender in self._heard or len(self._heard) < KEPT:
            self._heard[sender] = now

    def clear(self) -> None:
        """Forget all."""
        self._heard.clear()

    def names(self, now: float) -> list[str]:
        """Return the routers heard recently."""
        return sorted(str(address) for address, at in self._heard.items() if at > now - KEPT_S)


INTERVALS_REMEMBERED = 3
LATE_S = 0.1
"""A router that advertises as the owner still is, until it is silent for so many intervals plus this time."""
WAITS_S = 0.01


class AdvertListener:
    """Keeps what has been heard, with times of the loop.

    Calls `heard` when the partner starts to advertise as the owner, and when it advertises that it no longer is.
    """

    def __init__(self, heard: Callable[[], None]) -> None:
        self._heard = heard
        self._adverts: Adverts | None = None
        self._vrrp: Vrrp | None = None
        self._index = 0
        self._foreign_routers = ForeignRouters()
        self._last: Advert | None = None
        self.claimed_at = -math.inf
        """When the partner last advertised as the owner."""
        self.claims_since = math.inf
        """Since when it has done so without a break; infinity: it does not."""
        self.given_up_at = -math.inf
        """When it last advertised that it no longer is."""
        self.trouble = ""

    def watch(self, vrrp: Vrrp | None, index: int) -> None:
        """Listen for `vrrp` from now on, None: for nothing; `index` is that of its interface."""
        if vrrp is None or self._vrrp is None or self._identity(self._vrrp) != self._identity(vrrp):
            self._foreign_routers.clear()
            self._last, self.claimed_at, self.claims_since = None, -math.inf, math.inf
        if index != self._index or vrrp is None or self._adverts is None or not self._adverts.hears(vrrp.own):
            self._close()
        self._vrrp, self._index = vrrp, index
        if vrrp is not None and self._adverts is None and index:
            try:
                self._adverts = Adverts(vrrp.interface, vrrp.own.version)
                asyncio.get_running_loop().add_reader(self._adverts.fileno(), self._receive, self._adverts)
                self.trouble = ""
            except AdvertsUnheard as unheard:
                self.trouble = str(unheard)

    def stop(self) -> None:
        """Stop listening."""
        self._close()

    @property
    def hears_owner(self) -> bool | None:
        """Whether the partner advertises as the owner; None: this router cannot listen."""
        return self.is_claiming if self._adverts is not None else None

    @property
    def is_claiming(self) -> bool:
        """Whether the partner advertises as the owner."""
        if self._last is None or self._last.priority == 0:
            return False
        within_s = self._last.interval_ms * INTERVALS_REMEMBERED / 1000 + LATE_S
        return _now() - self.claimed_at < within_s

    @property
    def priority(self) -> int | None:
        """The priority it last advertised; None: it has not been heard."""
        return self._last.priority if self._last is not None else None

    async def claims_within(self, within_s: float) -> bool:
        """Return whether the partner advertises as the owner: as soon as it does, or after that time."""
        # What it advertised a moment ago, when it may have been the owner, does not count.
        self._last, self.claims_since = None, math.inf
        until = _now() + within_s
        while not self.is_claiming and _now() < until:
            await asyncio.sleep(WAITS_S)
        return self.is_claiming

    @property
    def has_given_up(self) -> bool:
        """Whether the partner's last advertisement was that it is no longer the owner."""
        return self._last is not None and self._last.priority == 0

    def foreign_routers(self) -> list[str]:
        """Return which other routers have recently used the ID of our virtual router."""
        return self._foreign_routers.names(_now())

    def _receive(self, adverts: Adverts) -> None:
        vrrp = self._vrrp
        if vrrp is None:
            return
        for sender, advert in adverts.heard():
            if advert.router_id != vrrp.router_id or sender == vrrp.own:
                continue
            if sender != vrrp.peer:
                self._foreign_routers.note(sender, _now())
            else:
                self.take(advert)

    def take(self, advert: Advert) -> None:
        """Take note of an advertisement of the partner."""
        was_claiming = self.is_claiming
        self._last = advert
        if advert.priority == 0:
            self.claims_since, self.given_up_at = math.inf, _now()
            self._heard()
            return
        self.claimed_at = _now()
        if not was_claiming:
            self.claims_since = self.claimed_at
            self._heard()

    def _identity(self, vrrp: Vrrp) -> tuple[object, ...]:
        return (vrrp.router_id, vrrp.interface, vrrp.own, vrrp.peer)

    def _close(self) -> None:
        if self._adverts is not None:
            asyncio.get_running_loop().remove_reader(self._adverts.fileno())
            self._adverts.close()
            self._adverts = None


def _now() -> float:
    return asyncio.get_running_loop().time()
