"""The status of `palometa partner`, requested at most once a second however many pages are open.

A router without a partner never requests it.
"""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.reports.partner import PartnerReport
from app.store import Partner, Store

KEPT_S = 1.0
SILENCE_KEPT_S = 5.0
"""A process that hangs must not delay every page until the time limit."""
WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class PartnerSeen:
    """The partner in the store, None: there is none; and the report, or why there is none."""

    partner: Partner | None
    report: PartnerReport | None = None
    silence: str = ""


class PartnerClient:
    """Requests the status, for all threads of a process."""

    def __init__(self, socket: Path, store: Store) -> None:
        self._socket = socket
        self._store = store
        self._lock = threading.Lock()
        self._seen: PartnerSeen | None = None
        self._asked_at = 0.0

    def read(self) -> PartnerSeen:
        """Return the last answer, or a new one if that is older than KEPT_S or about another partner."""
        partner = self._store.partners.find()
        if partner is None:
            return PartnerSeen(None)
        with self._lock:
            kept_s = SILENCE_KEPT_S if self._seen is not None and self._seen.report is None else KEPT_S
            is_old = time.monotonic() - self._asked_at >= kept_s
            if self._seen is None or is_old or self._seen.partner != partner:
                self._seen, self._asked_at = self.ask(partner), time.monotonic()
            return self._seen

    def ask(self, partner: Partner | None) -> PartnerSeen:
        """Return a new answer, even without a partner."""
        try:
            report: PartnerReport = ask(self._socket, "status", timeout_s=WITHIN_S, program="partner")
        except (ControlUnreachable, ControlRefused) as silence:
            return PartnerSeen(partner, None, str(silence))
        return PartnerSeen(partner, report)
