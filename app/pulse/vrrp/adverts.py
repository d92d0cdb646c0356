"""Hears what is said of the pair's virtual router on the network: by the partner, and by strangers."""

import asyncio
import math
from collections.abc import Callable

from app.host.packets.vrrp_frames import Advert
from app.host.packets.vrrp_socket import Adverts, AdvertsUnheard
from app.lvs.model.values import Address
from app.lvs.pair.vrrp import Vrrp

KEPT_S = 60.0
KEPT = 20
"""A sender's address is easily forged: without a limit, whoever sends enough of them fills the memory."""


class ForeignRouters:
    """Times are of one clock that is never set back."""

    def __init__(self) -> None:
        self._heard: dict[Address, float] = {}

    def note(self, sender: Address, now: float) -> None:
        """Note that `sender` is heard; of too many only those that were there before."""
        if sender not in self._heard and len(self._heard) >= KEPT:
            self._heard = {advert: at for advert, at in self._heard.items() if at > now - KEPT_S}
        if sender in self._heard or len(self._heard) < KEPT:
            self._heard[sender] = now

    def clear(self) -> None:
        """Know of none."""
        self._heard.clear()

    def names(self, now: float) -> list[str]:
        """Return who was heard lately."""
        return sorted(str(address) for address, at in self._heard.items() if at > now - KEPT_S)


INTERVALS_REMEMBERED = 3
LATE_S = 0.1
"""A router that says it is the owner still is, until as many intervals and so long have gone without a word."""
WAITS_S = 0.01


class AdvertListener:
    """What has been heard, by the loop's clock.

    Calls `heard` when the partner begins to say that it is the owner, and when it says that it is not any more.
    """

    def __init__(self, heard: Callable[[], None]) -> None:
        self._heard = heard
        self._adverts: Adverts | None = None
        self._vrrp: Vrrp | None = None
        self._index = 0
        self._strangers = ForeignRouters()
        self._last: Advert | None = None
        self.claimed_at = -math.inf
        """When the partner last said that it is the owner."""
        self.claims_since = math.inf
        """Since when it has been saying so without a break; for ever in the future: it does not."""
        self.given_up_at = -math.inf
        """When it last said that it is so no longer."""
        self.trouble = ""

    def watch(self, vrrp: Vrrp | None, index: int) -> None:
        """Hear of `vrrp` from now on, None: of nothing. `index` is its interface's number: made anew, another."""
        if vrrp is None or self._vrrp is None or self._hearing_of(self._vrrp) != self._hearing_of(vrrp):
            self._strangers.clear()
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
        """Hear no more."""
        self._close()

    @property
    def hears_owner(self) -> bool | None:
        """Whether the partner says that it is the owner; None: what it says would not be heard."""
        return self.is_claiming if self._adverts is not None else None

    @property
    def is_claiming(self) -> bool:
        """Whether the partner says that it is the owner."""
        if self._last is None or self._last.priority == 0:
            return False
        within_s = self._last.interval_ms * INTERVALS_REMEMBERED / 1000 + LATE_S
        return _now() - self.claimed_at < within_s

    @property
    def priority(self) -> int | None:
        """The priority it last advertised; None: nothing has been heard of it."""
        return self._last.priority if self._last is not None else None

    async def claims_within(self, within_s: float) -> bool:
        """Return whether the partner says that it is the owner: as soon as it does, or after that time."""
        # What it said a moment ago, as the owner it then was, is no answer.
        self._last, self.claims_since = None, math.inf
        until = _now() + within_s
        while not self.is_claiming and _now() < until:
            await asyncio.sleep(WAITS_S)
        return self.is_claiming

    @property
    def has_given_up(self) -> bool:
        """Whether the last the partner said was that it is the owner no longer."""
        return self._last is not None and self._last.priority == 0

    def strangers(self) -> list[str]:
        """Return who else has lately used the number of our virtual router."""
        return self._strangers.names(_now())

    def _receive(self, adverts: Adverts) -> None:
        vrrp = self._vrrp
        if vrrp is None:
            return
        for sender, advert in adverts.heard():
            if advert.router_id != vrrp.router_id or sender == vrrp.own:
                continue
            if sender != vrrp.peer:
                self._strangers.note(sender, _now())
            else:
                self._take(advert)

    def _take(self, advert: Advert) -> None:
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

    def _hearing_of(self, vrrp: Vrrp) -> tuple[object, ...]:
        return (vrrp.router_id, vrrp.interface, vrrp.own, vrrp.peer)

    def _close(self) -> None:
        if self._adverts is not None:
            asyncio.get_running_loop().remove_reader(self._adverts.fileno())
            self._adverts.close()
            self._adverts = None


def _now() -> float:
    return asyncio.get_running_loop().time()
