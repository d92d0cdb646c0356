"""Makes neighbours use the router that has the virtual IPs, after both had them until a moment ago.

Neighbours believe the last announcement, which may be from the router that has stepped down since. Which of the
two hears the other first is a matter of chance, and the owner may never hear that there was another one. So the
router that steps down says so, and the owner announces again.
"""

import logging
from collections.abc import Callable

from app.host.packets.vrrp_socket import AdvertUnsaid, say_given_up
from app.lvs.pair.vrrp import Vrrp
from app.lvs.reports.pair import Role
from app.pulse.vrrp.adverts import AdvertListener

log = logging.getLogger("pulse")


class Reannouncer:
    """`announce_again` announces all virtual IPs; `give_up` notifies the partner that this router has none."""

    def __init__(
        self,
        partner: AdvertListener,
        announce_again: Callable[[], None],
        give_up: Callable[[Vrrp], None] = say_given_up,
    ) -> None:
        self._partner, self._announce_again, self._give_up = partner, announce_again, give_up
        self._was_owner = False
        self._were_two = False
        self._given_up_at = partner.given_up_at

    def on_role(self, vrrp: Vrrp | None, role: Role, *, are_two: bool) -> None:
        """Act on this router's role; `are_two`: as far as is known, the partner is the owner, too."""
        is_owner = role == "owner"
        has_given_up = self._partner.given_up_at > self._given_up_at
        if is_owner and (has_given_up or (self._were_two and not are_two)):
            self._announce_again()
        if vrrp is not None and self._was_owner and not is_owner and self._partner.is_claiming:
            try:
                self._give_up(vrrp)
            except AdvertUnsaid as unsaid:
                log.warning("%s", unsaid)
        self._was_owner, self._were_two = is_owner, is_owner and are_two
        self._given_up_at = self._partner.given_up_at
