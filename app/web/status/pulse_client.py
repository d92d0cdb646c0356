"""The reports of pulse, each requested at most once a second however many pages are open."""

import json
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.reports.status import PulseReport, StatusReport
from app.lvs.reports.table import TableReport
from app.lvs.table_page.query import QueryDocument

KEPT_S = 1.0
STATUS_WITHIN_S = 5.0
"""A report on ten thousand servers is ten megabytes, which takes a slow machine two seconds."""
QUESTIONS_KEPT = 64

Report = TypeVar("Report", bound=PulseReport)


@dataclass(frozen=True, slots=True)
class Answer(Generic[Report]):
    """An answer of pulse, or the reason why there is none; exactly one of `report` and `silence` is set.

    `age_s` is how old the report was when it was handed out.
    """

    report: Report | None
    silence: str = ""
    age_s: float = 0.0


Seen = Answer[StatusReport]


@dataclass(slots=True)
class _Kept:
    """The last answer to a request; `lock` lets one thread send it while the others wait for the answer."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    answer: Answer[Any] | None = None
    asked_at: float = 0.0


class PulseClient:
    """Sends requests to pulse; equal requests within a second are sent once, even if they fail."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def read(self, serial_no: int | None = None) -> Seen:
        """Return the whole report, at most KEPT_S old.

        With `serial_no`, an answer from before that serial was applied is not reused.
        """
        return self._ask("status", {}, serial_no)

    def part(self, positions: Iterable[int] = (), serial_no: int | None = None) -> Seen:
        """Return the report with the services and servers of the virtual servers at `positions` only."""
        return self._ask("status", {"positions": sorted(positions)}, serial_no)

    def table(self, question: QueryDocument, serial_no: int | None = None) -> Answer[TableReport]:
        """Return one page of the routing table."""
        return self._ask("table", question.document(), serial_no)

    def recent(self, services: Sequence[str]) -> dict[str, list[float | None]]:
        """Return the new connections per second of `services` in the last ten minutes; nothing without pulse."""
        answer = self._ask("history", {"recent": list(services)}, None)
        series: dict[str, list[float | None]] = answer.report["series"] if answer.report else {}
        return series

    def _ask(self, verb: str, arguments: Mapping[str, Any], serial_no: int | None) -> Answer[Any]:
        kept = self._slot(json.dumps([verb, arguments]))
        with kept.lock:
            age_s = time.monotonic() - kept.asked_at
            if kept.answer is None or age_s >= KEPT_S or _is_before(kept.answer, serial_no):
                kept.answer, age_s = self._request(verb, arguments), 0.0
                kept.asked_at = time.monotonic()
            return Answer(kept.answer.report, kept.answer.silence, age_s)

    def _slot(self, question: str) -> _Kept:
        with self._lock:
            # Moved to the end, so that the first one is the least recently used.
            kept = self._kept[question] = self._kept.pop(question, _Kept())
            if len(self._kept) > QUESTIONS_KEPT:
                del self._kept[next(iter(self._kept))]
            return kept

    def _request(self, verb: str, arguments: Mapping[str, Any]) -> Answer[Any]:
        try:
            return Answer(ask(self._socket, verb, arguments, timeout_s=STATUS_WITHIN_S))
        except (ControlUnreachable, ControlRefused) as silence:
            return Answer(None, str(silence))


def _is_before(answer: Answer[Any], serial_no: int | None) -> bool:
    if serial_no is None or answer.report is None:
        return False
    applied = answer.report["applied"]
    return applied is None or applied["serial_no"] < serial_no
