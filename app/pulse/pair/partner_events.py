"""Records events about the partner and the link to it, from what the partner reports."""

from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.partner_status import ReportedPartner


class PartnerEvents:
    """Remembers the last state; the first one is not recorded."""

    def __init__(self, events: PairEvents) -> None:
        self._events = events
        self._was_heard: bool | None = None
        self._was_answering = self._is_missed = False

    def report_changes(self, reported: ReportedPartner, partner: str) -> None:
        """Record how what is `reported` of the router at address `partner` has changed."""
        word = reported.now
        if not reported.is_brought or not partner:
            # Nothing is being delivered: the page shows that `palometa partner` does not run.
            return
        is_heard = word is not None
        if self._was_heard is not None and is_heard is not self._was_heard:
            how = "is heard again" if is_heard else "is no longer heard"
            self._events.record_aside(f"{partner} {how} over the connection between the two routers")
        self._was_heard = is_heard
        if word is None:
            return
        is_answering = word["applied"] is not None
        if self._was_answering and not is_answering:
            self._is_missed = True
            self._events.record_aside(f"pulse on {partner} does not answer: that router cannot take over")
        elif is_answering and self._is_missed:
            self._is_missed = False
            self._events.record_aside(f"pulse on {partner} answers again")
        self._was_answering = is_answering
