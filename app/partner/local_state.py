"""What this router reports of itself: its configuration from the store, its servers and its role from pulse."""

import socket
import threading
import time

import msgspec

from app import __version__
from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.pair.lineage import RevisionId
from app.lvs.reports.pair import STORY_TEXT_MAX
from app.lvs.reports.partner import (
    NAME_MAX,
    UNREPORTED,
    PairSummary,
    PartnerSummary,
    RouterReport,
    VerdictsReport,
)
from app.partner.encoding import sendable
from app.partner.verdicts import SERVERS_MAX, Verdicts, verdicts_of
from app.settings import Settings
from app.store import Store

ASK_WITHIN_S = 2.0


class LocalState:
    """Read by all threads; the one that calls `poll_pulse` asks pulse."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._lock = threading.Lock()
        self._mark = ""
        self._verdicts: Verdicts = {}
        self._summary = _nothing_known()
        self._asked_at = time.monotonic()
        self.name = sendable(socket.gethostname(), NAME_MAX) or "a router"

    def poll_pulse(self, partner: PartnerSummary | None) -> None:
        """Ask pulse for its verdicts, and pass it the `partner` summary; of a silent pulse nothing is known."""
        asked = {"mark": self._mark, "partner": partner}
        asked_at = time.monotonic()
        try:
            answer = ask(self._settings.pulse_socket, "verdicts", asked, ASK_WITHIN_S)
            # A pulse of an earlier version does not report all of it.
            report = msgspec.convert({**UNREPORTED, **answer}, VerdictsReport)
        except (ControlUnreachable, ControlRefused, msgspec.ValidationError, TypeError):
            with self._lock:
                # The last events of the pair stay true.
                self._summary = {**_nothing_known(), "story": self._summary["story"]}
                self._mark, self._verdicts = "", {}
            return
        with self._lock:
            if report["servers"] is not None:
                self._verdicts = verdicts_of(report["servers"][:SERVERS_MAX])
            self._mark = report["mark"]
            self._summary = _sendable_summary(report)
            self._asked_at = asked_at

    def head(self) -> RevisionId:
        """Return the version of the configuration as it is stored now."""
        return self._store.partners.head()

    def is_known(self, theirs: RevisionId, head: RevisionId) -> bool:
        """Return whether the partner's version is in the line that leads to our `head`."""
        return self._store.partners.descent(head, theirs) is not None

    @property
    def verdicts(self) -> Verdicts:
        """Pulse's last verdict on each real server; the same object while nothing changed."""
        with self._lock:
            return self._verdicts

    def report(self, head: RevisionId) -> RouterReport:
        """Return what this router reports of itself."""
        with self._lock:
            return {
                **self._summary,
                "name": self.name,
                "version": __version__,
                "serial_no": head.serial_no,
                "fingerprint": head.fingerprint,
                "ago_s": time.monotonic() - self._asked_at,
            }


def _nothing_known() -> PairSummary:
    return {
        "applied": None,
        "role": "",
        "sync": "",
        "connections": None,
        "has_addresses": None,
        "hears_owner": None,
        "reaches": None,
        "dispute": "",
        "story": [],
    }


def _sendable_summary(report: VerdictsReport) -> PairSummary:
    summary = msgspec.convert(report, PairSummary)
    summary["role"], summary["sync"] = sendable(report["role"], NAME_MAX), sendable(report["sync"], NAME_MAX)
    summary["dispute"] = sendable(report["dispute"], NAME_MAX)
    summary["story"] = [
        {"at": line["at"], "text": sendable(line["text"], STORY_TEXT_MAX)} for line in report["story"]
    ]
    return summary
