"""Notices that both routers of a pair have the virtual IPs, or none, and says so while it lasts."""

import time

from app.lvs.pair.split_brain import OwnershipEvidence
from app.lvs.reports.pair import Dispute, OwnersReport
from app.pulse.vrrp.events import PairEvents

LASTS_S = 4.0
"""Shorter is a transition: each witness is heard every few seconds."""
SETTLES_S = 15.0
"""Beyond the silence after which one takes over, a pair that starts may be without an owner for so long."""


class SplitBrainDetector:
    """Keeps what the witnesses say, and since when it is wrong. Times are of a clock that does not jump."""

    def __init__(self, tell: PairEvents) -> None:
        self._tell = tell
        self._seen: Dispute = ""
        self._seen_since = 0.0
        self._since = 0.0
        self._sentence = ""
        self._witnesses: OwnershipEvidence | None = None
        self._partner = ""
        self.dispute: Dispute = ""

    def weigh(
        self, witnesses: OwnershipEvidence | None, partner: str, now: float, *, silence_s: float, is_settling: bool
    ) -> None:
        """Hear the witnesses, None: there are no virtual IPs, or no pair.

        While the pair settles it is no news that nobody has them, unless it takes far longer than `silence_s`.
        """
        seen: Dispute = witnesses.dispute if witnesses is not None else ""
        if seen != self._seen:
            self._seen, self._seen_since = seen, now
        self._witnesses, self._partner = witnesses, partner
        lasts_s = silence_s + SETTLES_S if seen == "nobody" and is_settling else LASTS_S
        self._say(seen if not seen or now - self._seen_since >= lasts_s or seen == self.dispute else "")

    def report(self) -> OwnersReport:
        """Return who has them by whom, and what is wrong."""
        witnesses = self._witnesses
        probe = witnesses.probe if witnesses is not None else None
        return {
            "dispute": self.dispute,
            "since": self._since,
            "sentence": witnesses.sentence(self.dispute, self._partner) if witnesses is not None else "",
            "own": witnesses.own if witnesses is not None else None,
            "vrrp": witnesses.vrrp if witnesses is not None else None,
            "partner": witnesses.partner if witnesses is not None else None,
            "probe": None if probe is None else bool(probe),
        }

    def _say(self, dispute: Dispute) -> None:
        if dispute == self.dispute:
            return
        before, self.dispute, self._since = self.dispute, dispute, time.time()
        if self._witnesses is None:
            return
        if dispute:
            self._tell.say(self._witnesses.sentence(dispute, self._partner))
        elif before == "two":
            self._tell.say("the virtual IPs are on one machine again")
        else:
            self._tell.say("the virtual IPs have an owner again")
