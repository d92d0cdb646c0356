"""The keywords of a ``server`` block, in the order Piranha wrote them."""

from ipaddress import IPv4Address

from app.lvs.model.keyword import Keyword, ValueKind
from app.lvs.model.values import AdminState, Network, TunnelChecksum, TunnelType

# fmt: off: a table is read by its rows
SERVER_KEYWORDS = (
    Keyword(
        name="address",
        kind=ValueKind.ADDRESS,
        label="Address",
        added=IPv4Address("0.0.0.0"),
        help="Address of the real server.",
    ),
    Keyword(
        name="active",
        kind=ValueKind.BOOLEAN,
        label="Status",
        default=False,
        added=False,
        help="Whether the server is in the kernel's IPVS table.",
    ),
    Keyword(
        name="port",
        kind=ValueKind.INTEGER,
        label="Port",
        low=1,
        high=65535,
        help="Port of the real server. Leave blank to default to Virtual Server's Application Port. A different "
        "port works with NAT only.",
    ),
    Keyword(
        name="weight",
        kind=ValueKind.INTEGER,
        label="Weight",
        default=1,
        added=1,
        low=0,
        high=65535,
        help="Share of new connections relative to the other servers; 0: no new connections.",
    ),
    Keyword(
        name="network",
        kind=ValueKind.CHOICE,
        label="Network type of this server",
        choices=Network,
        piranha=False,
        help="Forwarding method of this server. Blank: that of its virtual server.",
    ),
    Keyword(
        name="upper_threshold",
        kind=ValueKind.INTEGER,
        label="Upper connection threshold",
        default=0,
        piranha=False,
        low=0,
        high=2**32 - 1,
        help="Number of connections at which the server stops receiving new ones; 0: no limit.",
    ),
    Keyword(
        name="lower_threshold",
        kind=ValueKind.INTEGER,
        label="Lower connection threshold",
        default=0,
        piranha=False,
        low=0,
        high=2**32 - 1,
        help="Number of connections below which the server receives new ones again; 0: three "
        "quarters of the upper threshold.",
    ),
    Keyword(
        name="tunnel_type",
        kind=ValueKind.CHOICE,
        label="Tunnel type",
        choices=TunnelType,
        default=TunnelType.IPIP,
        piranha=False,
        help="Encapsulation used for tunnelling: ipip, gue or gre.",
    ),
    Keyword(
        name="tunnel_port",
        kind=ValueKind.INTEGER,
        label="Tunnel port",
        piranha=False,
        low=1,
        high=65535,
        help="UDP port of a gue tunnel.",
    ),
    Keyword(
        name="tunnel_checksum",
        kind=ValueKind.CHOICE,
        label="Tunnel checksum",
        choices=TunnelChecksum,
        default=TunnelChecksum.NONE,
        piranha=False,
        help="Checksum of gue and gre tunnels: nocsum, csum or remcsum.",
    ),
    Keyword(
        name="tier",
        kind=ValueKind.INTEGER,
        label="Tier",
        default=0,
        piranha=False,
        low=0,
        high=99,
        help="Servers of tier 0 serve first; servers of a higher tier serve only while too few of "
        "the lower tiers are up.",
    ),
    Keyword(
        name="check_address",
        kind=ValueKind.ADDRESS,
        label="Check address",
        piranha=False,
        help="Address used for health checks and the load agent instead of the server's own.",
    ),
    Keyword(
        name="check_port",
        kind=ValueKind.INTEGER,
        label="Check port",
        piranha=False,
        low=1,
        high=65535,
        help="Port of the first check, instead of the one set on the virtual server.",
    ),
    Keyword(
        name="admin_state",
        kind=ValueKind.CHOICE,
        label="Administrative state",
        choices=AdminState,
        default=AdminState.READY,
        piranha=False,
        help="ready: decided by the health checks. drain: no new clients, open connections can finish (weight 0). "
        "maintenance: out of rotation, regardless of the health checks.",
    ),
    Keyword(
        name="admin_until",
        kind=ValueKind.TEXT,
        label="Until",
        piranha=False,
        help="When drain or maintenance ends automatically, in UTC, such as 2026-01-31T22:00Z. "
        "Blank: until ended by hand.",
    ),
    Keyword(
        name="admin_reason",
        kind=ValueKind.QUOTED,
        label="Reason",
        piranha=False,
        help="Why the server is in drain or maintenance, as a note for other administrators.",
    ),
)
# fmt: on
