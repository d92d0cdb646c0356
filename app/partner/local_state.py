"""What this router tells of itself: its configuration from the store, its servers and its role from pulse."""

import socket
import threading
import time

from app import __version__
from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.pair.lineage import RevisionId
from app.lvs.reports.pair import STORY_TEXT_MAX, StoryLine
from app.lvs.reports.partner import OneRouter, PartnerWord, VerdictsReport
from app.partner.messages import NAME_MAX, sendable
from app.partner.verdicts import SERVERS_MAX, PartnerVerdict, Target, Verdicts
from app.settings import Settings
from app.store import Store

ASK_WITHIN_S = 2.0


class LocalState:
    """Asked by all threads; pulse is asked by the one that calls `look`."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._lock = threading.Lock()
        self._mark = ""
        self._verdicts: Verdicts = {}
        self._applied: int | None = None
        self._role = self._sync = ""
        self._connections: int | None = None
        self._has_addresses: bool | None = None
        self._hears_owner: bool | None = None
        self._reaches: bool | None = None
        self._asked_at = time.monotonic()
        self._dispute = ""
        self._story: list[StoryLine] = []
        self.name = sendable(socket.gethostname(), NAME_MAX) or "a router"

    def poll_pulse(self, word: PartnerWord | None) -> None:
        """Ask pulse what it says now, and tell it the partner's `word`; of a silent pulse nothing is known."""
        asked = {"mark": self._mark, "partner": word}
        asked_at = time.monotonic()
        try:
            report: VerdictsReport = ask(self._settings.pulse_socket, "verdicts", asked, ASK_WITHIN_S)
        except (ControlUnreachable, ControlRefused):
            with self._lock:
                self._mark, self._verdicts, self._applied, self._connections = "", {}, None, None
                self._role = self._sync = self._dispute = ""
                self._has_addresses = self._hears_owner = self._reaches = None
            return
        servers = report["servers"]
        with self._lock:
            if servers is not None:
                self._verdicts = {Target(*row[:4]): PartnerVerdict(*row[4:]) for row in servers[:SERVERS_MAX]}
            self._mark = report["mark"]
            self._applied = report["applied"]
            self._role = sendable(report["role"], NAME_MAX)
            self._sync = sendable(report["sync"], NAME_MAX)
            self._connections = report["connections"]
            self._has_addresses = report["has_addresses"]
            # A pulse that is still of an earlier version does not tell.
            self._hears_owner, self._reaches = report.get("hears_owner"), report.get("reaches")
            self._asked_at = asked_at
            self._story = [
                {"at": line["at"], "text": sendable(line["text"], STORY_TEXT_MAX)} for line in report["story"]
            ]
            self._dispute = sendable(report["dispute"], NAME_MAX)

    def head(self) -> RevisionId:
        """Return the version of the configuration as it is stored now."""
        return self._store.partners.head()

    def is_known(self, theirs: RevisionId, head: RevisionId) -> bool:
        """Return whether the partner's version is in the line that leads to our `head`."""
        return self._store.partners.descent(head, theirs) is not None

    @property
    def verdicts(self) -> Verdicts:
        """What pulse last said of each real server; the same object while nothing changed."""
        with self._lock:
            return self._verdicts

    def told(self, head: RevisionId) -> OneRouter:
        """Return what is told of this router."""
        with self._lock:
            return {
                "name": self.name,
                "version": __version__,
                "serial_no": head.serial_no,
                "fingerprint": head.fingerprint,
                "applied": self._applied,
                "role": self._role,
                "sync": self._sync,
                "connections": self._connections,
                "has_addresses": self._has_addresses,
                "hears_owner": self._hears_owner,
                "reaches": self._reaches,
                "ago_s": time.monotonic() - self._asked_at,
                "dispute": self._dispute,
                "story": self._story,
            }
