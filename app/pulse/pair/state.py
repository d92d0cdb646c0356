"""This router's side of the pair: its membership, and whether it has the marker address. Values only, no IO."""

from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.values import Address
from app.lvs.pair.membership import Alone, Membership, NoPlace, Pair
from app.lvs.pair.vrrp import GIVEN_WAY_STEPS, Vrrp, silence_ms
from app.pulse.vrrp.membership import PairMembership

LINGERS_S = 10.0
"""After a pair is switched off, keepalived runs on for this time, so that the partner is configured first."""


class PairState:
    """What the configuration and the loopback say. Times are the loop's."""

    def __init__(self) -> None:
        self.config: Config | None = None
        self.membership: Membership = Alone()
        self.vrrp: Vrrp | None = None
        self.neighbours: dict[Address, Address] = {}
        self.obstacle = ""
        """Why this router must not take part, although it has its place; empty: it may."""
        self.has_marker = False
        self._marker_at = 0.0
        self._lingers_until = 0.0

    def apply_config(self, config: Config, found: PairMembership, now: float) -> None:
        """Use the membership that `config` gives this router from now on."""
        self.config = config
        was_paired, self.membership = self.is_paired, found.place
        self.neighbours = found.neighbours
        if found.vrrp is not None:
            self.vrrp = found.vrrp
        elif was_paired and not isinstance(self.membership, NoPlace):
            self._lingers_until = now + LINGERS_S
            is_off = isinstance(self.membership, Alone) and self.membership.stands_by
            self.vrrp = None if is_off else self.vrrp
        if self.vrrp is not None:
            self.has_marker = self.vrrp.marker in found.loopback

    def on_marker(self, now: float, *, is_there: bool) -> None:
        """Note that the marker address has come to, or gone from, the loopback."""
        self.has_marker, self._marker_at = is_there, now

    def wanted_vrrp(self, now: float) -> Vrrp | None:
        """Return what keepalived should run; None: nothing.

        A router that cannot serve must not be elected: without its own address it hears nobody, and would take the
        virtual IPs from the one that has them.
        """
        if isinstance(self.membership, NoPlace) or (self.is_paired and self.obstacle):
            return None
        if self.is_paired:
            return self.vrrp
        # A partner notified immediately would take what this router keeps.
        return self.vrrp if self.has_marker and now < self._lingers_until else None

    @property
    def pair(self) -> Pair | None:
        """The pair this router belongs to; None: it belongs to none."""
        return self.membership if isinstance(self.membership, Pair) else None

    @property
    def is_paired(self) -> bool:
        """Whether this router belongs to a pair."""
        return self.pair is not None

    @property
    def is_configured(self) -> bool:
        """Whether the configuration is that of a pair, even if this router has no place in it."""
        return self.is_paired or isinstance(self.membership, NoPlace)

    def is_public(self, address: Address) -> bool:
        """Whether `address` is a public address of one of the two routers of the configured pair."""
        return self.config is not None and address in (self.config.primary, self.config.backup)

    @property
    def active_vrrp(self) -> Vrrp | None:
        """The virtual router of the pair; None: there is no pair."""
        return self.vrrp if self.is_paired else None

    @property
    def is_syncing(self) -> bool:
        """Whether the configuration wants the sync daemon."""
        return self.config is not None and bool(effective(self.config, "syncdaemon"))

    @property
    def partner_name(self) -> str:
        """The partner as it is called in sentences."""
        if self.pair is not None:
            return str(self.pair.partner)
        is_known = isinstance(self.membership, NoPlace) and self.vrrp is not None
        return str(self.vrrp.peer) if is_known and self.vrrp is not None else "the partner"

    @property
    def owner_since(self) -> float | None:
        """Since when this router has the marker address; None: it does not have it."""
        return self._marker_at if self.has_marker else None

    @property
    def step_down(self) -> int:
        """The priority step that puts this router below any router that has not stepped down."""
        return GIVEN_WAY_STEPS[self.pair.side] if self.pair is not None else 0

    @property
    def silence_s(self) -> float:
        """How long this router waits for the owner's advertisements before it takes over."""
        return silence_ms(self.vrrp.advert_ms, self.vrrp.priority) / 1000 if self.vrrp is not None else 0.0
