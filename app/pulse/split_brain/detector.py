"""Detects that both routers of a pair have the virtual IPs, or none has, and records it."""

import math
import time

from app.lvs.pair.split_brain import OwnershipEvidence
from app.lvs.reports.pair import Dispute, OwnersReport
from app.pulse.vrrp.events import PairEvents

LASTS_S = 4.0
"""Anything shorter is a transition: each witness answers every few seconds."""
OVERRULED_S = 8.0
"""Against a router that is heard as the owner the network is asked at least twice: one answer may be lost."""
SETTLES_S = 15.0
"""How long a pair that starts may be without an owner, on top of the silence after which one takes over."""


class SplitBrainDetector:
    """Keeps the evidence, and since when there is a dispute. Times are of a monotonic clock."""

    def __init__(self, events: PairEvents) -> None:
        self._events = events
        self._seen: Dispute = ""
        self._seen_since = 0.0
        self._settled_at = -math.inf
        self._since = 0.0
        self._sentence = ""
        self._evidence: OwnershipEvidence | None = None
        self._partner = ""
        self.dispute: Dispute = ""

    def evaluate(
        self, evidence: OwnershipEvidence | None, partner: str, now: float, *, silence_s: float, is_settling: bool
    ) -> None:
        """Evaluate the evidence; None: there are no virtual IPs, or no pair.

        While the pair settles, having no owner counts only if it lasts far longer than `silence_s`, after which a
        router that has settled takes over.
        """
        seen: Dispute = evidence.dispute if evidence is not None else ""
        if seen != self._seen:
            self._seen, self._seen_since = seen, now
        self._evidence, self._partner = evidence, partner
        if is_settling:
            self._settled_at = now
        is_overruled = evidence is not None and evidence.is_overruled
        since, lasts_s = self._seen_since, OVERRULED_S if is_overruled else LASTS_S
        if seen == "nobody" and is_settling:
            lasts_s = silence_s + SETTLES_S
        elif seen == "nobody" and is_overruled:
            since = max(since, self._settled_at)
        elif seen == "nobody":
            since = max(since, self._settled_at + silence_s)
        self._set_dispute(seen if not seen or now - since >= lasts_s or seen == self.dispute else "")

    def report(self) -> OwnersReport:
        """Return which router has them according to each witness, and what is wrong."""
        evidence = self._evidence
        probe = evidence.probe if evidence is not None else None
        return {
            "dispute": self.dispute,
            "since": self._since,
            "sentence": evidence.sentence(self.dispute, self._partner) if evidence is not None else "",
            "own": evidence.own if evidence is not None else None,
            "vrrp": evidence.vrrp if evidence is not None else None,
            "partner": evidence.partner if evidence is not None else None,
            "probe": None if probe is None else bool(probe),
        }

    def _set_dispute(self, dispute: Dispute) -> None:
        if dispute == self.dispute:
            return
        before, self.dispute, self._since = self.dispute, dispute, time.time()
        if self._evidence is None:
            return
        if dispute:
            self._events.record(self._evidence.sentence(dispute, self._partner))
        elif before == "two":
            self._events.record("only one router has the virtual IPs again")
        else:
            self._events.record("the virtual IPs have an owner again")
