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
        help="Time between two VRRP advertisements of the router that has the virtual IPs. The other one "
        "takes over after less than four of them. Blank: what follows from the heartbeat "
        "interval and Assume dead after.",
    ),
    Keyword(
        name="virtual_router_id",
        kind=ValueKind.INTEGER,
        label="Virtual router ID",
        default=36,
        low=1,
        high=255,
        piranha=False,
        help="VRRP's number of this pair. Another pair on the same network, of whatever make, takes another.",
    ),
    Keyword(
        name="preempt",
        kind=ValueKind.BOOLEAN,
        label="Primary takes back",
        default=False,
        piranha=False,
        help="1: the primary router takes the virtual IPs again as soon as it is back. 0: it stands by until the "
        "other one fails or is switched, as with Piranha.",
    ),
    Keyword(
        name="preempt_delay",
        kind=ValueKind.INTEGER,
        label="Takes back after",
        default=0,
        unit="seconds",
        low=0,
        high=1000,
        piranha=False,
        help="So long the primary router waits before it takes the virtual IPs back.",
    ),
    Keyword(
        name="preempt_in_step",
        kind=ValueKind.BOOLEAN,
        label="Takes back only in step",
        default=False,
        piranha=False,
        help="1: with Primary takes back, and where the sync daemon runs, it waits until it knows the connections "
        "of the other router, all but one in ten. Needs the two to be partners.",
    ),
    Keyword(
        name="preempt_in_step_within",
        kind=ValueKind.INTEGER,
        label="Waits at most",
        default=300,
        unit="seconds",
        low=1,
        high=86_400,
        piranha=False,
        help="So long it waits for that; then it takes the virtual IPs back all the same, and says so.",
    ),
    Keyword(
        name="vrrp_unicast",
        kind=ValueKind.BOOLEAN,
        label="Unicast advertisements",
        default=True,
        piranha=False,
        help="1: advertisements go from router to router, and those of strangers are not listened to. 0: they are "
        "multicast, as where other VRRP routers have to see them.",
    ),
    Keyword(
        name="syncd_group",
        kind=ValueKind.ADDRESS,
        label="Sync daemon group",
        piranha=False,
        help="Multicast group of the sync daemons. Blank: the kernel's, 224.0.0.81.",
    ),
    Keyword(
        name="syncd_port",
        kind=ValueKind.PORT,
        label="Sync daemon port",
        low=1,
        high=65535,
        piranha=False,
        help="UDP port of the sync daemons. Blank: the kernel's, 8848.",
    ),
    Keyword(
        name="syncd_ttl",
        kind=ValueKind.INTEGER,
        label="Sync daemon TTL",
        low=1,
        high=255,
        piranha=False,
        help="Hops a message of the sync daemons may take. Blank: 1, so that it stays on its network.",
    ),
    Keyword(
        name="syncd_maxlen",
        kind=ValueKind.INTEGER,
        label="Sync daemon message length",
        unit="bytes",
        low=200,
        high=65000,
        piranha=False,
        help="Longest message of the sync daemons. Blank: what the interface takes in one packet.",
    ),
)
# fmt: on
