"""What is known of the other router: what it last said over either connection, and when. Decides nothing."""

import threading
import time

from app.lvs.pair.lineage import NOTHING, Relation, RevisionId, standing
from app.lvs.reports.partner import DifferentVerdict, OneRouter, PartnerWord, PathReport
from app.partner.messages import Summary
from app.partner.verdicts import Verdicts

LIVE_S = 5.0
"""What was heard longer ago is not how it is now."""
SHOWN_MAX = 200
_NEVER = "It has not been tried yet."


class RemoteState:
    """Told by the threads of both connections, read by those that answer the pages."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Know nothing: there is another partner, or none."""
        with self._lock:
            self._summary: Summary | None = None
            self._verdicts: Verdicts | None = None
            self._heard = 0.0
            self._heard_at: float | None = None
            self._clock_s: float | None = None
            self._refused: tuple[RevisionId, str] | None = None
            self._there: PathReport = {"is_up": False, "since": time.time(), "why": _NEVER}
            self._here: PathReport = {"is_up": False, "since": time.time(), "why": "It has not called yet."}

    def receive(self, summary: Summary, verdicts: Verdicts | None) -> None:
        """Note what the other router says of itself; `verdicts` None: not all of them were told yet."""
        with self._lock:
            self._summary = summary
            self._verdicts = verdicts if summary.applied is not None else None
            self._heard, self._heard_at = time.monotonic(), time.time()

    def measure(self, sent_at: float, theirs: float, received_at: float) -> None:
        """Note by how much the other clock is ahead, from a question, its answer's time, and the way back."""
        with self._lock:
            self._clock_s = theirs - (sent_at + received_at) / 2

    def reach(self, why: str = "") -> None:
        """Note that we are connected to the other router, or `why` not."""
        with self._lock:
            self._there = _path(self._there, why)

    def be_reached(self, why: str = "") -> None:
        """Note that the other router is connected to us, or `why` not."""
        with self._lock:
            self._here = _path(self._here, why)

    def refuse(self, version: RevisionId, why: str = "") -> None:
        """Note why `version`, ours or theirs, was not taken by the other side; without `why`: it was."""
        with self._lock:
            self._refused = (version, why) if why else None

    def was_refused(self, version: RevisionId) -> bool:
        """Return whether `version` was not taken."""
        with self._lock:
            return self._refused is not None and self._refused[0] == version

    @property
    def head(self) -> RevisionId:
        """The version it last said it has."""
        with self._lock:
            return self._summary.head if self._summary else NOTHING

    @property
    def paths(self) -> tuple[PathReport, PathReport]:
        """Our connection to it, and its to us."""
        with self._lock:
            return self._there, self._here

    @property
    def heard_at(self) -> float | None:
        """When it last said anything."""
        with self._lock:
            return self._heard_at

    @property
    def clock_s(self) -> float | None:
        """By how much its clock is ahead of ours."""
        with self._lock:
            return self._clock_s

    @property
    def is_live(self) -> bool:
        """Whether what is known of it is how it is now."""
        with self._lock:
            return self._heard_at is not None and time.monotonic() - self._heard < LIVE_S

    def standing(self, mine: RevisionId, is_theirs_mine: bool) -> Relation | None:
        """Return how `mine` stands to its version; None: it has not said yet whether it knows `mine`."""
        with self._lock:
            summary = self._summary
        if summary is None:
            return None
        if mine == summary.head:
            return Relation.AGREED
        if is_theirs_mine:
            return Relation.AHEAD
        if mine.is_nothing:
            return Relation.BEHIND
        if summary.about != mine:
            return None
        return standing(mine, summary.head, is_theirs_mine=False, is_mine_theirs=summary.is_known)

    def told(self) -> OneRouter | None:
        """Return what it said of itself."""
        with self._lock:
            summary = self._summary
        if summary is None:
            return None
        return {
            "name": summary.name,
            "version": summary.version,
            "serial_no": summary.head.serial_no,
            "fingerprint": summary.head.fingerprint,
            "applied": summary.applied,
            "role": summary.role,
            "sync": summary.sync,
            "connections": summary.connections,
            "has_addresses": summary.has_addresses,
            "hears_owner": summary.hears_owner,
            "reaches": summary.reaches,
            "ago_s": summary.ago_s,
            "dispute": summary.dispute,
            "story": [{"at": at, "text": text} for at, text in summary.story],
        }

    def word(self, mine: RevisionId) -> PartnerWord | None:
        """Return what pulse is told of it; None: nothing is known of it now. `mine` is our own version."""
        with self._lock:
            heard_ago_s = time.monotonic() - self._heard
        told = self.told() if self.is_live else None
        if told is None:
            return None
        return {
            "name": told["name"],
            "role": told["role"],
            "has_addresses": told["has_addresses"],
            "applied": told["applied"],
            "sync": told["sync"],
            "connections": told["connections"],
            "is_same": self.head == mine,
            "hears_owner": told["hears_owner"],
            "reaches": told["reaches"],
            "ago_s": told["ago_s"] + heard_ago_s,
        }

    def refusal(self, mine: RevisionId) -> str:
        """Return why the last change was not taken, empty where it was or another came since."""
        with self._lock:
            theirs = self._summary.head if self._summary else NOTHING
            return self._refused[1] if self._refused and self._refused[0] in (mine, theirs) else ""

    def compare(self, ours: Verdicts) -> tuple[int | None, list[DifferentVerdict]]:
        """Return how many servers are known to both sides or one, None: cannot be told; and where they differ."""
        with self._lock:
            theirs = self._verdicts
        if theirs is None or not self.is_live:
            return None, []
        targets = ours.keys() | theirs.keys()
        different: list[DifferentVerdict] = [
            {
                "virtual": target.virtual,
                "server": target.name,
                "address": target.address,
                "port": target.port,
                "ours": _words(ours, target),
                "theirs": _words(theirs, target),
            }
            for target in sorted(targets)
            if ours.get(target) != theirs.get(target)
        ]
        return len(targets), different


def _path(before: PathReport, why: str) -> PathReport:
    is_up = not why
    since = before["since"] if before["is_up"] == is_up else time.time()
    return {"is_up": is_up, "since": since, "why": why}


def _words(verdicts: Verdicts, target: object) -> str:
    verdict = verdicts.get(target)  # type: ignore[call-overload]
    if verdict is None:
        return ""
    return verdict.state if verdict.is_in else f"{verdict.state}, out"
