"""A planned switch: looks whether the partner is ready, primes it, gives up, and sees the virtual IPs taken."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import ExitStack

from app.host.ipvs.sync_priming import PrimingFailed, priming
from app.host.keepalived import GIVE_UP
from app.lvs.pair.switch_readiness import Obstacle, how_far, obstacles
from app.lvs.reports.pair import SwitchableReport, SwitchReport
from app.pulse.vrrp.adverts import AdvertListener
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.keepalived_supervisor import KeepalivedSupervisor
from app.pulse.vrrp.partner_status import ReportedPartner

PRIMES_S = 4.0
"""The kernel gathers what it tells the other router for two seconds, and looks once a second whether it has."""
READY_WITHIN_S = 7.0
"""So long it is waited for a partner that is not ready yet; what it says is three seconds old."""
LOOKS_APART_S = 0.1
SWITCHED_WITHIN_S = 1.0

log = logging.getLogger("pulse")


class Switchover:
    """One switch at a time. `connections` tells how many the kernel knows here."""

    def __init__(
        self,
        engine: KeepalivedSupervisor,
        partner: AdvertListener,
        said: ReportedPartner,
        tell: PairEvents,
        connections: Callable[[], int | None],
    ) -> None:
        self._engine = engine
        self._partner = partner
        self._said = said
        self._tell = tell
        self._connections = connections
        self.is_under_way = False

    def obstacles(self, partner: str, *, syncs: bool) -> list[Obstacle]:
        """Return what is in the way now; without a link to the partner nothing is known, and nothing is."""
        if not self._said.is_brought:
            return []
        return obstacles(self._said.now, partner, self._connections(), syncs=syncs)

    def report(self, partner: str, *, syncs: bool) -> SwitchableReport:
        """Return whether a switch would be checked, and what is in its way."""
        found, word = self.obstacles(partner, syncs=syncs), self._said.now
        return {
            "is_checked": self._said.is_brought,
            "obstacles": [obstacle.text for obstacle in found],
            "is_final": any(obstacle.is_final for obstacle in found),
            "far": how_far(word["connections"], self._connections()) if word is not None and syncs else "",
        }

    async def make_ready(self, partner: str, *, syncs: bool) -> list[Obstacle]:
        """Prime the partner; return what is in the way after that."""
        if not self._said.is_brought:
            return []
        with ExitStack() as stack:
            primed_at = _now()
            if syncs:
                try:
                    stack.enter_context(priming())
                    primed_at += PRIMES_S
                except PrimingFailed as failed:
                    log.warning("the partner is not primed: %s", failed)
            until = _now() + READY_WITHIN_S
            while (found := self.obstacles(partner, syncs=syncs)) or _now() < primed_at:
                if _now() > until:
                    break
                await asyncio.sleep(LOOKS_APART_S)
        return found

    async def move(self, partner: str, silence_s: float, step_after: int) -> SwitchReport:
        """Give up, and wait until the partner has taken over; then `step_after` is added to the priority."""
        began = time.monotonic()
        step = 0
        try:
            self._engine.set_step(GIVE_UP)
            has_moved = await self._partner.claims_within(silence_s + SWITCHED_WITHIN_S)
            took_ms = (time.monotonic() - began) * 1000
            step = step_after if has_moved else 0
        finally:
            # Also where the answer took too long for who asked: having given up, this router is nobody's reserve.
            self._engine.set_step(step)
        if not has_moved:
            message = f"{partner} did not take the virtual IPs: this router has taken them back."
            self._tell.say(message)
        else:
            message = f"{partner} has the virtual IPs after {took_ms:.0f} ms."
        return {"has_moved": has_moved, "took_ms": took_ms, "message": message}


def refusal(found: list[Obstacle]) -> SwitchReport:
    """Return the answer to who wants to switch to a partner that is not ready."""
    what = " ".join(obstacle.text for obstacle in found)
    is_final = any(obstacle.is_final for obstacle in found)
    do = "Mend that first." if is_final else "Mend that, or press SWITCH ANYWAY."
    return {"has_moved": False, "took_ms": 0.0, "message": f"Nothing was switched. {what} {do}"}


def _now() -> float:
    return asyncio.get_running_loop().time()
