"""Who else uses the number of our virtual router: the last ones, and no more of them than a page can show."""

from app.lvs.model.values import Address

KEPT_S = 60.0
KEPT = 20
"""A sender's address is easily forged: without a limit, whoever sends enough of them fills the memory."""


class Strangers:
    """Times are of one clock that is never set back."""

    def __init__(self) -> None:
        self._heard: dict[Address, float] = {}

    def hear(self, sender: Address, now: float) -> None:
        """Note that `sender` is heard; of too many only those that were there before."""
        if sender not in self._heard and len(self._heard) >= KEPT:
            self._heard = {one: at for one, at in self._heard.items() if at > now - KEPT_S}
        if sender in self._heard or len(self._heard) < KEPT:
            self._heard[sender] = now

    def clear(self) -> None:
        """Know of none."""
        self._heard.clear()

    def names(self, now: float) -> list[str]:
        """Return who was heard lately."""
        return sorted(str(address) for address, at in self._heard.items() if at > now - KEPT_S)
