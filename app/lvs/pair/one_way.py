"""When a router steps down because the other one does not hear it, and when it tries again."""

from dataclasses import dataclass

from app.lvs.pair.vrrp import Vrrp

TWO_OWNERS_S = 2.0
"""How long both routers may advertise as the owner, or four intervals if that is longer. After that, one does not
hear the other, and the one that does hear steps down."""
TRIES_AGAIN_S = 60.0
"""A router that stepped down tries again after this time, then after twice that, up to 16 minutes."""
TRIES_AGAIN_AT_LAST_S = 960.0


@dataclass(frozen=True, slots=True)
class Claims:
    """Since when each router advertises that it is the owner, in seconds of one clock, and how the partner does.

    `own` is None while this router is not the owner, `partner` while the partner does not claim to be.
    """

    own: float | None
    partner: float | None
    partner_priority: int | None = None


@dataclass(slots=True)
class OneWayLoss:
    """Whether this router has stepped down, and until when."""

    is_deaf: bool = False
    tries_again_s: float = TRIES_AGAIN_S
    _tries_again_at: float = 0.0

    def next_step(self, step_down: int, now: float, *, are_two: bool, is_answering: bool) -> int | None:
        """Return the priority step to take now, `step_down` or 0; None: stay as it is.

        `step_down` is 0 where there is no lower step; `is_answering` says whether keepalived can take one.
        """
        if self.is_deaf and now > self._tries_again_at:
            self.is_deaf = False
            self.tries_again_s = min(self.tries_again_s * 2, TRIES_AGAIN_AT_LAST_S)
            return 0
        if not self.is_deaf and are_two and is_answering and step_down:
            self.is_deaf = True
            self._tries_again_at = now + self.tries_again_s
            return step_down
        return None


def are_two_owners(vrrp: Vrrp, claims: Claims, now: float) -> bool:
    """Return whether both have advertised as the owner for too long to be a transition."""
    if claims.own is None or claims.partner is None:
        return False
    if vrrp.outranks(claims.partner_priority):
        # If both hear each other, both would step down; so the primary continues, or nobody would serve.
        return False
    return now - max(claims.own, claims.partner) > max(TWO_OWNERS_S, vrrp.advert_ms * 4 / 1000)
