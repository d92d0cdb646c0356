"""Lets this router give way where the partner does not hear it, and take its place again after some time."""

from app.lvs.pair.vrrp import Vrrp
from app.pulse.vrrp.adverts import AdvertListener
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.keepalived_supervisor import KeepalivedSupervisor

TWO_OWNERS_S = 2.0
"""So long both routers may say that they are the owner, or four intervals where that is longer: then one does not
hear the other, and the one that knows of it steps back."""
TRIES_AGAIN_S = 60.0
"""A router that stepped back tries again after this time, then after twice that, up to a quarter of an hour."""
TRIES_AGAIN_AT_LAST_S = 960.0


class OneWayLoss:
    """Knows whether this router has given way, and until when."""

    def __init__(self, engine: KeepalivedSupervisor, partner: AdvertListener, tell: PairEvents) -> None:
        self._engine = engine
        self._partner = partner
        self._tell = tell
        self._tries_again_at = 0.0
        self._tries_again_s = TRIES_AGAIN_S
        self.is_deaf = False

    def are_two(self, vrrp: Vrrp | None, sign_at: float | None, now: float) -> bool:
        """Whether both have said for long that they are the owner; this one since `sign_at`, None: it does not."""
        if vrrp is None or sign_at is None or not self._partner.is_claiming:
            return False
        if vrrp.outranks(self._partner.priority):
            # Where both know, both give way; then the primary goes on, or there would be nobody.
            return False
        within_s = max(TWO_OWNERS_S, vrrp.advert_ms * 4 / 1000)
        return now - max(self._partner.claims_since, sign_at) > within_s

    def settle(self, name: str, given_way: int, now: float, *, are_two: bool) -> None:
        """Step back from two owners, or try again; `name` is the partner's and `given_way` the step for it."""
        if self.is_deaf and now > self._tries_again_at:
            self.is_deaf = False
            self._tries_again_s = min(self._tries_again_s * 2, TRIES_AGAIN_AT_LAST_S)
            self._engine.set_step(0)
        elif not self.is_deaf and are_two and self._engine.is_answering and given_way:
            self.is_deaf = True
            self._tries_again_at = now + self._tries_again_s
            self._tell.say(
                f"{name} says that it has the virtual IPs, and does not hear that this router has them: this one "
                f"gives way, and tries again after {self._tries_again_s:.0f} s. Look at the network between."
            )
            self._engine.set_step(given_way)
