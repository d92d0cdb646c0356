"""Says, as events, what becomes of the other router and of the link to it, by what is brought of it."""

from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.partner_status import ReportedPartner


class PartnerEvents:
    """Keeps what was said last; what is so when it begins to look is no news."""

    def __init__(self, tell: PairEvents) -> None:
        self._tell = tell
        self._was_heard: bool | None = None
        self._was_answering = self._is_missed = False

    def report_changes(self, said: ReportedPartner, partner: str) -> None:
        """Look at what is `said` of the router at address `partner`."""
        word = said.now
        if not said.is_brought or not partner:
            # Nobody brings it: that is told where `palometa partner` is asked.
            return
        is_heard = word is not None
        if self._was_heard is not None and is_heard is not self._was_heard:
            how = "is heard again" if is_heard else "is not heard any more"
            self._tell.add(f"{partner} {how} over the connection of the two routers")
        self._was_heard = is_heard
        if word is None:
            return
        is_answering = word["applied"] is not None
        if self._was_answering and not is_answering:
            self._is_missed = True
            self._tell.add(f"pulse on {partner} does not answer: that router could not take over")
        elif is_answering and self._is_missed:
            self._is_missed = False
            self._tell.add(f"pulse on {partner} answers again")
        self._was_answering = is_answering
