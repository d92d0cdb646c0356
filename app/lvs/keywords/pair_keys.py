"""The keywords of a pair of routers that Piranha did not have; those it had are in `keywords_global`."""

from app.lvs.model.keyword import Keyword, ValueKind

ADVERT_MIN_MS, ADVERT_MAX_MS = 100, 40_950
"""VRRP counts hundredths of a second in twelve bits; more often than ten a second a busy router cannot be told
from a dead one."""

# fmt: off: a table is read by its rows
PAIR_KEYWORDS = (
    Keyword(
        name="advert_ms",
        kind=ValueKind.INTEGER,
        label="Advertisement interval",
        unit="milliseconds",
        low=ADVERT_MIN_MS,
        high=ADVERT_MAX_MS,
        piranha=False,
        help="Time between two VRRP advertisements of the router that owns the virtual IPs. The other router "
        "takes over after less than four intervals of silence. Blank: derived from the "
        "heartbeat interval and Assume dead after.",
    ),
    Keyword(
        name="virtual_router_id",
        kind=ValueKind.INTEGER,
        label="Virtual router ID",
        default=36,
        low=1,
        high=255,
        piranha=False,
        help="VRRP virtual router ID of this pair; must be unique among all VRRP routers on the "
        "network, of any vendor.",
    ),
    Keyword(
        name="preempt",
        kind=ValueKind.BOOLEAN,
        label="Primary preempts",
        default=False,
        piranha=False,
        help="1: the primary preempts the virtual IPs as soon as it is back. 0: it stays on standby until the "
        "other router fails or is switched over, as with Piranha.",
    ),
    Keyword(
        name="preempt_delay",
        kind=ValueKind.INTEGER,
        label="Preemption delay",
        default=0,
        unit="seconds",
        low=0,
        high=1000,
        piranha=False,
        help="How long the primary waits before it preempts.",
    ),
    Keyword(
        name="preempt_in_step",
        kind=ValueKind.BOOLEAN,
        label="Preempt only in sync",
        default=False,
        piranha=False,
        help="1: with Primary preempts and a running sync daemon, the primary waits until it knows at least nine "
        "in ten of the other router's connections. Requires the two routers to be paired.",
    ),
    Keyword(
        name="preempt_in_step_within",
        kind=ValueKind.INTEGER,
        label="Wait for sync at most",
        default=300,
        unit="seconds",
        low=1,
        high=86_400,
        piranha=False,
        help="How long the primary waits to be in sync; after that it preempts anyway and logs an event.",
    ),
    Keyword(
        name="vrrp_unicast",
        kind=ValueKind.BOOLEAN,
        label="Unicast advertisements",
        default=True,
        piranha=False,
        help="1: advertisements are sent directly to the other router, and those of unknown routers are ignored. "
        "0: they are multicast, for networks where other VRRP routers must see them.",
    ),
    Keyword(
        name="syncd_group",
        kind=ValueKind.ADDRESS,
        label="Sync daemon group",
        piranha=False,
        help="Multicast group of the sync daemons. Blank: the kernel's default, 224.0.0.81.",
    ),
    Keyword(
        name="syncd_port",
        kind=ValueKind.PORT,
        label="Sync daemon port",
        low=1,
        high=65535,
        piranha=False,
        help="UDP port of the sync daemons. Blank: the kernel's default, 8848.",
    ),
    Keyword(
        name="syncd_ttl",
        kind=ValueKind.INTEGER,
        label="Sync daemon TTL",
        low=1,
        high=255,
        piranha=False,
        help="TTL (hop limit) of the sync daemons' messages. Blank: 1, which keeps them on the local network.",
    ),
    Keyword(
        name="syncd_maxlen",
        kind=ValueKind.INTEGER,
        label="Sync daemon message length",
        unit="bytes",
        low=200,
        high=65000,
        piranha=False,
        help="Maximum length of a sync daemon message. Blank: what fits in one packet on the interface.",
    ),
)
# fmt: on
