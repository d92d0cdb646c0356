"""Gathers what all witnesses say of who has the virtual IPs of a pair."""

from collections.abc import Callable, Collection

from app.lvs.desired.addresses import VirtualAddress
from app.lvs.pair.split_brain import OwnershipEvidence
from app.lvs.reports.pair import Dispute, OwnersReport, Role
from app.pulse.split_brain.arp_probe import ArpProbe
from app.pulse.split_brain.detector import SplitBrainDetector
from app.pulse.vrrp.adverts import AdvertListener
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.partner_status import ReportedPartner


class Witnesses:
    """The one owner of the probe. Calls `answered` when it brought something; `said` is what the partner says."""

    def __init__(self, partner: AdvertListener, tell: PairEvents, answered: Callable[[], None]) -> None:
        self._partner = partner
        self._probe = ArpProbe(answered)
        self._watch = SplitBrainDetector(tell)
        self._had_any = False
        self.said = ReportedPartner()

    @property
    def dispute(self) -> Dispute:
        """What is wrong, and has been for some time."""
        return self._watch.dispute

    def poll(
        self,
        wanted: Collection[VirtualAddress],
        partner: str,
        now: float,
        *,
        has_any: bool,
        role: Role,
        is_switching: bool,
        silence_s: float,
    ) -> None:
        """Hear all witnesses; `wanted` are the virtual IPs, none: there is no pair either."""
        if not wanted:
            self._probe.forget()
            self._watch.weigh(None, "", now, silence_s=0, is_settling=False)
            return
        if has_any is not self._had_any:
            # What was answered before was perhaps this router's doing, or the partner's that has given way.
            self._had_any = has_any
            self._probe.forget()
        self._probe.tick(wanted, now)
        word = self.said.now
        witnesses = OwnershipEvidence(
            own=has_any,
            vrrp=self._partner.hears_owner,
            partner=word["has_addresses"] if word is not None else None,
            probe=self._probe.answer,
        )
        is_settling = is_switching or "starting" in (role, word["role"] if word is not None else "")
        self._watch.weigh(witnesses, partner, now, silence_s=silence_s, is_settling=is_settling)

    def report(self) -> OwnersReport:
        """Return who has them by whom, and what is wrong."""
        return self._watch.report()

    def stop(self) -> None:
        """Ask nothing any more."""
        self._probe.stop()
