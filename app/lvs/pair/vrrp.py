"""VRRP as it is used here: one virtual router for all virtual IPs of a pair, as a value, and how long it takes.

VRRP decides which router owns the virtual IPs; pulse adds and removes them. So the virtual router has one
address of its own, the marker: the owner has it on its loopback, and it serves nothing else.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from app.lvs.keywords.pair_keys import ADVERT_MAX_MS, ADVERT_MIN_MS
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.values import Address
from app.lvs.pair.membership import Pair, Side

PRIORITIES = {Side.PRIMARY: 150, Side.BACKUP: 100}
STEPPED_BACK = {Side.PRIMARY: 50, Side.BACKUP: 40}
"""A router that has given the virtual IPs up on its own ranks below any that has not."""
GIVEN_WAY_STEPS = {side: STEPPED_BACK[side] - PRIORITIES[side] for side in Side}
WAITING_STEP = STEPPED_BACK[Side.PRIMARY] + 1 - PRIORITIES[Side.PRIMARY]
"""What is added to the priority of a primary that waits before it takes the virtual IPs back."""
_ADVERTS_MISSED = 3
_SKEW_OF = 256
_PERIODS_WITHIN_DEADTIME = 4
_NO_ROUTE_HOLDS_THEM = "169.254.36"
_LINK_LOCAL = "fe80::3636"


@dataclass(frozen=True, slots=True)
class Vrrp:
    """The configuration of keepalived. `tracked` are the interfaces that count beside `interface`."""

    router_id: int
    priority: int
    advert_ms: int
    is_preempting: bool
    preempt_delay_s: int
    interface: str
    own: Address
    peer: Address
    is_unicast: bool
    tracked: tuple[str, ...]

    def outranks(self, priority: int | None) -> bool:
        """Whether this is the primary, and the partner, which advertises `priority`, has given way."""
        return self.priority == PRIORITIES[Side.PRIMARY] and priority == STEPPED_BACK[Side.BACKUP]

    def can_become(self, other: "Vrrp") -> bool:
        """Whether a keepalived that runs this may read `other` as it runs.

        2.2.7 does not receive what is sent to addresses it was not started with.
        """
        return self._place == other._place

    @property
    def _place(self) -> tuple[object, ...]:
        return self.router_id, self.interface, self.own, self.peer, self.is_unicast

    @property
    def marker(self) -> Address:
        """The address that is on the loopback of the owner."""
        return marker_of(self.router_id, self.own.version)


def vrrp_of(config: Config, pair: Pair, interface: str, tracked: tuple[str, ...]) -> Vrrp:
    """Return the configuration of keepalived for `pair.side`; the router's own address is on `interface`."""
    return Vrrp(
        router_id=effective(config, "virtual_router_id"),
        priority=PRIORITIES[pair.side],
        advert_ms=advert_ms(config),
        is_preempting=effective(config, "preempt"),
        preempt_delay_s=effective(config, "preempt_delay"),
        interface=interface,
        own=pair.own,
        peer=pair.partner,
        is_unicast=effective(config, "vrrp_unicast"),
        tracked=tracked,
    )


def advert_ms(config: Config) -> int:
    """Return the time between two advertisements.

    Without `advert_ms` the longest that keeps both promises of Piranha's words: a sign of life at least every
    `keepalive` seconds, and a partner that is silent for `deadtime` seconds has been replaced by then.
    """
    if config.advert_ms is not None:
        return config.advert_ms // 10 * 10
    keepalive_s: int = effective(config, "keepalive")
    deadtime_s: int = effective(config, "deadtime")
    every_ms = keepalive_s * 1000 // 10 * 10
    within_ms = deadtime_s * 1000 // _PERIODS_WITHIN_DEADTIME // 10 * 10
    return max(ADVERT_MIN_MS, min(every_ms, within_ms, ADVERT_MAX_MS))


def takes_over_ms(config: Config, side: Side) -> int:
    """Return after how long a silence router `side` takes over: three intervals and its skew (RFC 5798, 6.1)."""
    return silence_ms(advert_ms(config), PRIORITIES[side])


def silence_ms(interval_ms: int, priority: int) -> int:
    """Return the silence after which a router of that priority takes over."""
    return _ADVERTS_MISSED * interval_ms + (_SKEW_OF - priority) * interval_ms // _SKEW_OF


def is_marker(address: Address) -> bool:
    """Return whether `address` is the marker of a virtual router, whichever its ID."""
    return any(address == marker_of(router_id, address.version) for router_id in range(256))


def marker_of(router_id: int, version: int) -> Address:
    """Return the marker of virtual router `router_id`."""
    if version == 4:
        return IPv4Address(f"{_NO_ROUTE_HOLDS_THEM}.{router_id}")
    return IPv6Address(f"{_LINK_LOCAL}:{router_id:x}")
