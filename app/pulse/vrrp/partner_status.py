"""What the other router last said of itself over the connection of the two, as `palometa partner` brings it."""

import math
import time
from typing import Any, cast

from app.lvs.reports.partner import PartnerWord

KEPT_S = 4.0
"""It is brought every second; what is older is not how it is now."""
_TEXT_MAX = 64
_NUMBER_MAX = 2**40


class ReportedPartner:
    """Keeps the last word for as long as it holds."""

    def __init__(self) -> None:
        self._word: PartnerWord | None = None
        self._at = 0.0

    def receive(self, document: Any) -> None:
        """Take what was brought; what is no word at all, or None, is as if nothing had been said."""
        self._word = _word(document)
        self._at = time.monotonic()

    @property
    def is_brought(self) -> bool:
        """Whether anybody brings it, if only that nothing is known."""
        return self._at > 0 and time.monotonic() - self._at < KEPT_S

    @property
    def now(self) -> PartnerWord | None:
        """What holds now; None: nothing is known."""
        return self._word if self.is_brought else None

    @property
    def said_at(self) -> float:
        """When its pulse said what holds now, by the monotonic clock; never: nothing is known."""
        word = self.now
        return self._at - word["ago_s"] if word is not None else -math.inf


def _word(document: Any) -> PartnerWord | None:
    if not isinstance(document, dict):
        return None
    # A `palometa partner` that is still of an earlier version does not tell.
    document = {"hears_owner": None, "reaches": None, "ago_s": 0.0, **document}
    if document.keys() != PartnerWord.__annotations__.keys():
        return None
    texts = (document["name"], document["role"], document["sync"])
    if not all(isinstance(text, str) and len(text) <= _TEXT_MAX and text.isprintable() for text in texts):
        return None
    numbers = [number for number in (document["applied"], document["connections"]) if number is not None]
    if not all(type(number) is int and 0 <= number <= _NUMBER_MAX for number in numbers):
        return None
    signs = (document["has_addresses"], document["hears_owner"], document["reaches"])
    is_known = all(sign is None or isinstance(sign, bool) for sign in signs) and isinstance(
        document["is_same"], bool
    )
    if not isinstance(document["ago_s"], int | float) or not 0 <= document["ago_s"] < math.inf:
        return None
    return cast(PartnerWord, document) if is_known else None
