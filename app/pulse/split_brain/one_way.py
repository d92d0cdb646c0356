"""Makes this router step down if the partner does not hear it, and try again after some time."""

from app.lvs.pair.vrrp import Vrrp
from app.pulse.vrrp.adverts import AdvertListener
from app.pulse.vrrp.events import PairEvents
from app.pulse.vrrp.keepalived_supervisor import KeepalivedSupervisor

TWO_OWNERS_S = 2.0
"""How long both routers may advertise as the owner, or four intervals if that is longer. After that, one does not
hear the other, and the one that does hear steps down."""
TRIES_AGAIN_S = 60.0
"""A router that stepped down tries again after this time, then after twice that, up to 16 minutes."""
TRIES_AGAIN_AT_LAST_S = 960.0


class OneWayLoss:
    """Knows whether this router has stepped down, and until when."""

    def __init__(self, keepalived: KeepalivedSupervisor, partner: AdvertListener, events: PairEvents) -> None:
        self._keepalived = keepalived
        self._partner = partner
        self._events = events
        self._tries_again_at = 0.0
        self._tries_again_s = TRIES_AGAIN_S
        self.is_deaf = False

    def are_two(self, vrrp: Vrrp | None, owner_since: float | None, now: float) -> bool:
        """Return whether both have advertised as the owner for too long, this router since `owner_since`."""
        if vrrp is None or owner_since is None or not self._partner.is_claiming:
            return False
        if vrrp.outranks(self._partner.priority):
            # If both hear each other, both would step down; so the primary continues, or nobody would serve.
            return False
        within_s = max(TWO_OWNERS_S, vrrp.advert_ms * 4 / 1000)
        return now - max(self._partner.claims_since, owner_since) > within_s

    def settle(self, name: str, step_down: int, now: float, *, are_two: bool) -> None:
        """Step down from two owners, or try again; `name` is the partner's, `step_down` the priority step."""
        if self.is_deaf and now > self._tries_again_at:
            self.is_deaf = False
            self._tries_again_s = min(self._tries_again_s * 2, TRIES_AGAIN_AT_LAST_S)
            self._keepalived.set_step(0)
        elif not self.is_deaf and are_two and self._keepalived.is_answering and step_down:
            self.is_deaf = True
            self._tries_again_at = now + self._tries_again_s
            self._events.record(
                f"{name} advertises that it has the virtual IPs and does not hear that this router has them: this "
                f"router steps down and tries again after {self._tries_again_s:.0f} s. Check the network."
            )
            self._keepalived.set_step(step_down)
