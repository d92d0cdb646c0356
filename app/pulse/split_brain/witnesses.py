"""Collects what all witnesses say about which router has the virtual IPs of a pair."""

from collections.abc import Callable, Collection

from app.host.network.devices import DeviceReader
from app.lvs.desired.addresses import VirtualAddress
from app.lvs.pair.split_brain import OwnershipEvidence
from app.lvs.reports.pair import Dispute, OwnersReport, Role
from app.pulse.split_brain.arp_probe import ArpProbe
from app.pulse.split_brain.detector import SplitBrainDetector
from app.pulse.vrrp.adverts import AdvertListener
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.partner_status import ReportedPartner


class Witnesses:
    """The one owner of the probe, which calls `answered`; `reported` is what the partner reports about itself."""

    def __init__(
        self, partner: AdvertListener, events: PairEvents, answered: Callable[[], None], devices: DeviceReader
    ) -> None:
        self._partner = partner
        self._probe = ArpProbe(answered, devices)
        self._detector = SplitBrainDetector(events)
        self._had_any = False
        self._evidence: OwnershipEvidence | None = None
        self.reported = ReportedPartner()

    @property
    def is_elsewhere(self) -> bool:
        """Whether another router has the virtual IPs, by what was seen last."""
        return self._evidence is not None and self._evidence.is_elsewhere

    @property
    def dispute(self) -> Dispute:
        """What has been wrong for some time."""
        return self._detector.dispute

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
        """Ask all witnesses; `wanted` are the virtual IPs, empty: there are none, or no pair."""
        self._evidence = None
        if not wanted:
            self._probe.forget()
            self._detector.evaluate(None, "", now, silence_s=0, is_settling=False)
            return
        if has_any is not self._had_any:
            # The last answer may be from this router itself, or from a partner that has stepped down.
            self._had_any = has_any
            self._probe.forget()
        self._probe.tick(wanted, now)
        word = self.reported.now
        self._evidence = evidence = OwnershipEvidence(
            own=has_any,
            vrrp=self._partner.hears_owner,
            partner=word["has_addresses"] if word is not None else None,
            probe=self._probe.answer,
        )
        is_settling = is_switching or "starting" in (role, word["role"] if word is not None else "")
        self._detector.evaluate(evidence, partner, now, silence_s=silence_s, is_settling=is_settling)

    def report(self) -> OwnersReport:
        """Return which router has them according to each witness, and what is wrong."""
        return self._detector.report()

    def stop(self) -> None:
        """Stop asking."""
        self._probe.stop()
