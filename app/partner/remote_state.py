"""What is known of the other router: what it last reported over either connection, and when. Decides nothing."""

import threading
import time

import msgspec

from app.lvs.pair.lineage import NOTHING, Relation, RevisionId, standing
from app.lvs.reports.partner import DifferentVerdict, PartnerSummary, PathReport, RouterReport, RouterSummary
from app.partner.messages import SummaryMessage
from app.partner.verdicts import Target, Verdicts

LIVE_S = 5.0
"""Anything received longer ago is out of date."""
DIFFERENCES_MAX = 200
_NEVER = "No connection has been tried yet."


class RemoteState:
    """Updated by the threads of both connections, read by those that answer the pages."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Forget everything: there is another partner, or none."""
        with self._lock:
            self._summary: SummaryMessage | None = None
            self._verdicts: Verdicts | None = None
            self._heard = 0.0
            self._heard_at: float | None = None
            self._clock_s: float | None = None
            self._refused: tuple[RevisionId, str] | None = None
            self._there: PathReport = {"is_up": False, "since": time.time(), "why": _NEVER}
            self._here: PathReport = {"is_up": False, "since": time.time(), "why": "It has not connected yet."}

    def receive(self, summary: SummaryMessage, verdicts: Verdicts | None) -> None:
        """Store the other router's summary; `verdicts` None: not all of them have been received yet."""
        with self._lock:
            self._summary = summary
            self._verdicts = verdicts if summary.applied is not None else None
            self._heard, self._heard_at = time.monotonic(), time.time()

    def measure(self, sent_at: float, theirs: float, received_at: float) -> None:
        """Estimate by how much the other clock is ahead, from the times of a request and of its answer."""
        with self._lock:
            self._clock_s = theirs - (sent_at + received_at) / 2

    def reach(self, why: str = "") -> None:
        """Record that we are connected to the other router, or `why` not."""
        with self._lock:
            self._there = _path(self._there, why)

    def be_reached(self, why: str = "") -> None:
        """Record that the other router is connected to us, or `why` not."""
        with self._lock:
            self._here = _path(self._here, why)

    def refuse(self, version: RevisionId, why: str = "") -> None:
        """Record why the receiver refused `version`, ours or theirs; without `why`: it was accepted."""
        with self._lock:
            self._refused = (version, why) if why else None

    def was_refused(self, version: RevisionId) -> bool:
        """Return whether `version` was refused."""
        with self._lock:
            return self._refused is not None and self._refused[0] == version

    @property
    def head(self) -> RevisionId:
        """The version it last reported."""
        with self._lock:
            return self._summary.head if self._summary else NOTHING

    @property
    def paths(self) -> tuple[PathReport, PathReport]:
        """Our connection to it, and its connection to us."""
        with self._lock:
            return self._there, self._here

    @property
    def heard_at(self) -> float | None:
        """When it last reported anything."""
        with self._lock:
            return self._heard_at

    @property
    def clock_s(self) -> float | None:
        """By how much its clock is ahead of ours."""
        with self._lock:
            return self._clock_s

    @property
    def is_live(self) -> bool:
        """Whether what is known of it is current."""
        with self._lock:
            return self._heard_at is not None and time.monotonic() - self._heard < LIVE_S

    def standing(self, mine: RevisionId, is_theirs_mine: bool) -> Relation | None:
        """Return how `mine` stands to its version; None: it has not reported yet whether it knows `mine`."""
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

    def report(self) -> RouterReport | None:
        """Return what it last reported of itself."""
        with self._lock:
            return self._summary.report if self._summary is not None else None

    def summary(self, mine: RevisionId) -> PartnerSummary | None:
        """Return what is passed to pulse about it; None: nothing is known now. `mine` is our own version."""
        with self._lock:
            heard_ago_s = time.monotonic() - self._heard
        report = self.report() if self.is_live else None
        if report is None:
            return None
        return {
            **msgspec.convert(report, RouterSummary),
            "name": report["name"],
            "is_same": self.head == mine,
            "ago_s": report["ago_s"] + heard_ago_s,
        }

    def refusal(self, mine: RevisionId) -> str:
        """Return why the last change was refused, empty where it was accepted or another came since."""
        with self._lock:
            theirs = self._summary.head if self._summary else NOTHING
            return self._refused[1] if self._refused and self._refused[0] in (mine, theirs) else ""

    def compare(self, ours: Verdicts) -> tuple[int | None, list[DifferentVerdict]]:
        """Return how many servers at least one side knows, None: not comparable now; and where the two differ."""
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
                "ours": _verdict_text(ours, target),
                "theirs": _verdict_text(theirs, target),
            }
            for target in sorted(targets)
            if ours.get(target) != theirs.get(target)
        ]
        return len(targets), different


def _path(before: PathReport, why: str) -> PathReport:
    is_up = not why
    since = before["since"] if before["is_up"] == is_up else time.time()
    return {"is_up": is_up, "since": since, "why": why}


def _verdict_text(verdicts: Verdicts, target: Target) -> str:
    verdict = verdicts.get(target)
    if verdict is None:
        return ""
    return verdict.state if verdict.is_in else f"{verdict.state}, out"
