"""What pulse tells of itself, asked at most once a second however many pages are open."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from app.host.control_client import PulseRefused, PulseUnreachable, ask
from app.lvs.report import StatusReport

KEPT_S = 1.0
STATUS_WITHIN_S = 5.0
"""A report of ten thousand servers is ten megabytes, which take a slow machine two seconds."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer of pulse, or why there is none; exactly one of `report` and `silence` is given.

    `age_s` is how old the report was when it was handed out.
    """

    report: StatusReport | None
    silence: str = ""
    age_s: float = 0.0


class PulseStatus:
    """Asks pulse for its status; fifty callers within a second cost one question, failed ones included."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._lock = threading.Lock()
        self._seen: Seen | None = None
        self._asked_at = 0.0

    def look(self, serial_no: int | None = None) -> Seen:
        """Return the last answer, or a new one when that is older than KEPT_S.

        An answer from before `serial_no` was applied is not good enough: who just saved wants to see it.
        """
        with self._lock:
            age_s = time.monotonic() - self._asked_at
            if self._seen is None or age_s >= KEPT_S or _is_before(self._seen, serial_no):
                self._seen, age_s = self._ask(), 0.0
                self._asked_at = time.monotonic()
            return Seen(self._seen.report, self._seen.silence, age_s)

    def _ask(self) -> Seen:
        try:
            return Seen(ask(self._socket, "status", timeout_s=STATUS_WITHIN_S))
        except (PulseUnreachable, PulseRefused) as silence:
            return Seen(None, str(silence))


def _is_before(seen: Seen, serial_no: int | None) -> bool:
    if serial_no is None or seen.report is None:
        return False
    applied = seen.report["applied"]
    return applied is None or applied["serial_no"] < serial_no
