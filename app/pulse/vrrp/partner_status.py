"""The other router's latest summary, as `palometa partner` delivers it over the connection of the two."""

import math
import time
from typing import TYPE_CHECKING, Any

from app.lvs.reports.document import read_document

if TYPE_CHECKING:
    from app.lvs.reports.partner import PartnerSummary

KEPT_S = 4.0
"""It is delivered every second; anything older is out of date."""


class ReportedPartner:
    """Keeps the last summary for as long as it is current."""

    def __init__(self) -> None:
        self._summary: PartnerSummary | None = None
        self._at = 0.0

    def receive(self, document: Any) -> None:
        """Store what was delivered; None, or anything that is not a summary, means that nothing is known."""
        self._summary = _read(document)
        self._at = time.monotonic()

    @property
    def is_brought(self) -> bool:
        """Whether `palometa partner` delivers anything, if only that nothing is known."""
        return self._at > 0 and time.monotonic() - self._at < KEPT_S

    @property
    def now(self) -> "PartnerSummary | None":
        """The current summary; None: nothing is known."""
        return self._summary if self.is_brought else None

    @property
    def said_at(self) -> float:
        """When its pulse reported the current summary, by the monotonic clock; -inf: nothing is known."""
        summary = self.now
        return self._at - summary["ago_s"] if summary is not None else -math.inf


def _read(document: Any) -> "PartnerSummary | None":
    if not isinstance(document, dict):
        return None
    # Loaded with the first summary: its bounds are msgspec's, which pulse does not load at the start.
    from app.lvs.reports.partner import UNREPORTED, PartnerSummary

    from_earlier_versions = {**UNREPORTED, "ago_s": 0.0}
    try:
        summary = read_document({**from_earlier_versions, **document}, PartnerSummary)
    except ValueError:
        return None
    texts = (summary["name"], summary["role"], summary["sync"])
    return summary if all(text.isprintable() for text in texts) else None
