"""A planned switch: checks the partner, primes it, gives the virtual IPs up and waits for the takeover."""

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
"""The kernel collects sync messages for up to two seconds, and checks once a second whether there are any."""
READY_WITHIN_S = 7.0
"""How long to wait for a partner that is not ready yet; what it reports may be three seconds old."""
POLL_S = 0.1
SWITCHED_WITHIN_S = 1.0

log = logging.getLogger("pulse")


class Switchover:
    """Runs one switch at a time. `connections` returns how many connections the kernel knows here."""

    def __init__(
        self,
        keepalived: KeepalivedSupervisor,
        partner: AdvertListener,
        reported: ReportedPartner,
        events: PairEvents,
        connections: Callable[[], int | None],
    ) -> None:
        self._keepalived = keepalived
        self._partner = partner
        self._reported = reported
        self._events = events
        self._connections = connections
        self.is_under_way = False

    def obstacles(self, partner: str, *, syncs: bool) -> list[Obstacle]:
        """Return what prevents a switch now; empty also without a link to the partner, when nothing is known."""
        if not self._reported.is_brought:
            return []
        return obstacles(self._reported.now, partner, self._connections(), syncs=syncs)

    def report(self, partner: str, *, syncs: bool) -> SwitchableReport:
        """Return whether a switch would be checked, and what prevents it."""
        found, word = self.obstacles(partner, syncs=syncs), self._reported.now
        return {
            "is_checked": self._reported.is_brought,
            "obstacles": [obstacle.text for obstacle in found],
            "is_final": any(obstacle.is_final for obstacle in found),
            "far": how_far(word["connections"], self._connections()) if word is not None and syncs else "",
        }

    async def make_ready(self, partner: str, *, syncs: bool) -> list[Obstacle]:
        """Prime the partner; return what still prevents a switch after that."""
        if not self._reported.is_brought:
            return []
        with ExitStack() as stack:
            primed_at = _now()
            if syncs:
                try:
                    stack.enter_context(priming())
                    primed_at += PRIMES_S
                except PrimingFailed as failed:
                    log.warning("cannot prime the partner: %s", failed)
            until = _now() + READY_WITHIN_S
            while (found := self.obstacles(partner, syncs=syncs)) or _now() < primed_at:
                if _now() > until:
                    break
                await asyncio.sleep(POLL_S)
        return found

    async def move(self, partner: str, silence_s: float, step_after: int) -> SwitchReport:
        """Give the virtual IPs up and wait for the partner to take over; then add `step_after` to the priority."""
        began = time.monotonic()
        step = 0
        try:
            self._keepalived.set_step(GIVE_UP)
            has_moved = await self._partner.claims_within(silence_s + SWITCHED_WITHIN_S)
            took_ms = (time.monotonic() - began) * 1000
            step = step_after if has_moved else 0
        finally:
            # Also if the client has hung up: a router that has given up cannot take over again.
            self._keepalived.set_step(step)
        if not has_moved:
            message = f"{partner} did not take the virtual IPs: this router keeps them."
            self._events.record(message)
        else:
            message = f"{partner} took the virtual IPs over after {took_ms:.0f} ms."
        return {"has_moved": has_moved, "took_ms": took_ms, "message": message}


def refusal(found: list[Obstacle]) -> SwitchReport:
    """Return the answer to a switch to a partner that is not ready."""
    what = " ".join(obstacle.text for obstacle in found)
    is_final = any(obstacle.is_final for obstacle in found)
    do = "Fix that first." if is_final else "Fix that, or press SWITCH ANYWAY."
    return {"has_moved": False, "took_ms": 0.0, "message": f"Nothing was switched. {what} {do}"}


def _now() -> float:
    return asyncio.get_running_loop().time()
