"""The keywords of a ``virtual`` block, in the order Piranha wrote them; ``failover`` blocks take the same."""

from ipaddress import IPv4Address

from app.lvs.keywords.availability_keys import AVAILABILITY_KEYWORDS
from app.lvs.keywords.check_keys import CHECK_KEYWORDS
from app.lvs.keywords.global_keys import SECONDS_MAX
from app.lvs.model.keyword import Keyword, ValueKind
from app.lvs.model.schedulers import Scheduler, SchedulerFlag
from app.lvs.model.values import Floating, Network, Protocol

PIRANHA_SCHEDULERS = frozenset({"rr", "wlc", "wrr", "lc", "lblc", "lblcr", "dh", "sh"})

# fmt: off: a table is read by its rows
VIRTUAL_KEYWORDS = (
    Keyword(
        name="active",
        kind=ValueKind.BOOLEAN,
        label="Status",
        default=False,
        added=False,
        help="Whether the service is in the kernel's IPVS table and its virtual IP is up.",
    ),
    Keyword(
        name="address",
        kind=ValueKind.FLOATING,
        label="Virtual IP Address",
        added=Floating(IPv4Address("0.0.0.0"), "eth0:1"),
        help="Address that clients connect to, brought up on the device.",
    ),
    Keyword(
        name="sorry_server",
        kind=ValueKind.ADDRESS,
        label="Sorry Server",
        help="Server that answers when no real server is up.",
    ),
    Keyword(
        name="vip_nmask",
        kind=ValueKind.NETMASK,
        label="Virtual IP Network Mask",
        help="Netmask of the virtual IP. Unused: a host address (/32 or /128).",
    ),
    Keyword(
        name="fwmark",
        kind=ValueKind.INTEGER,
        label="Firewall Mark",
        low=0,
        high=2**32 - 1,
        help="Balance packets with this mark instead of packets to the address and port. 0 or blank: no mark.",
    ),
    Keyword(
        name="port",
        kind=ValueKind.PORT,
        label="Application port",
        default=80,
        added=80,
        low=0,
        high=65535,
        help="Port of the service, and of the real servers unless they set their own. 0 matches "
        "every port and requires persistence.",
    ),
    Keyword(
        name="persistent",
        kind=ValueKind.INTEGER,
        label="Persistence",
        default=0,
        unit="seconds",
        low=0,
        high=SECONDS_MAX,
        help="How long a client keeps being sent to the same real server; 0 or blank: off.",
    ),
    Keyword(
        name="pmask",
        kind=ValueKind.NETMASK,
        label="Persistence Network Mask",
        help="Clients whose addresses are equal under this mask share one server. Unused: each "
        "client is treated separately.",
    ),
    Keyword(
        name="send",
        kind=ValueKind.QUOTED,
        label="Send",
        added="GET / HTTP/1.0\\r\\n\\r\\n",
        help="Text sent to the server after connecting; the escapes \\n \\r \\t \\\\ are recognised.",
    ),
    Keyword(
        name="expect",
        kind=ValueKind.QUOTED,
        label="Expect",
        added="HTTP",
        help="What the response must begin with; * alone accepts anything.",
    ),
    Keyword(
        name="use_regex",
        kind=ValueKind.BOOLEAN,
        label="Treat expect string as a regular expression",
        default=False,
        added=False,
        help="Expect is a POSIX extended regular expression that may match anywhere in the response: . matches "
        "any one byte, .* any number of bytes.",
    ),
    Keyword(
        name="send_program",
        kind=ValueKind.QUOTED,
        label="Sending Program",
        help="Program to run instead of sending text; %h stands for the server's address, %p for its port. Its "
        "output must equal expect.",
    ),
    Keyword(
        name="load_monitor",
        kind=ValueKind.TEXT,
        label="Load monitoring tool",
        added="none",
        help="agent: each server reports its own load on Load port, and its weight is adjusted accordingly. "
        "Piranha's tools rup, ruptime and uptime no longer exist: these values are kept and have no effect.",
    ),
    Keyword(
        name="scheduler",
        kind=ValueKind.CHOICE,
        label="Scheduling",
        choices=Scheduler,
        default=Scheduler.WLC,
        added=Scheduler.WLC,
        piranha_choices=PIRANHA_SCHEDULERS,
        help="How the kernel selects the real server for a new connection.",
    ),
    Keyword(
        name="protocol",
        kind=ValueKind.CHOICE,
        label="Protocol",
        choices=Protocol,
        default=Protocol.TCP,
        added=Protocol.TCP,
        piranha_choices=frozenset({"tcp", "udp"}),
        help="Protocol of the service.",
    ),
    Keyword(
        name="timeout",
        kind=ValueKind.INTEGER,
        label="Service timeout",
        default=10,
        added=6,
        unit="seconds",
        low=1,
        high=86400,
        help="Time between two checks of a server, and the time limit for its response.",
    ),
    Keyword(
        name="reentry",
        kind=ValueKind.INTEGER,
        label="Re-entry Time",
        default=180,
        added=15,
        unit="seconds",
        low=0,
        high=86400,
        help="How long a failed server must pass its checks before it is brought back into rotation.",
    ),
    Keyword(
        name="quiesce_server",
        kind=ValueKind.BOOLEAN,
        label="Quiesce server",
        default=False,
        added=False,
        help="Yes: a failed server gets weight 0, so that open connections can finish. No: it is "
        "removed from the IPVS table.",
    ),
    Keyword(
        name="client_monitor",
        kind=ValueKind.TEXT,
        label="Client monitor",
        default="/usr/sbin/nanny",
        has_effect=False,
        help="Checking program Piranha ran instead of nanny.",
    ),
    Keyword(
        name="start_cmd",
        kind=ValueKind.TEXT,
        label="Start command",
        has_effect=False,
        help="Start command of a failover service. Kept, not run.",
    ),
    Keyword(
        name="stop_cmd",
        kind=ValueKind.TEXT,
        label="Stop command",
        has_effect=False,
        help="Stop command of a failover service. Kept, not run.",
    ),
    Keyword(
        name="master",
        kind=ValueKind.ADDRESS,
        label="Master",
        has_effect=False,
        help="Historic file synchronisation; without effect.",
    ),
    Keyword(
        name="dirs",
        kind=ValueKind.WORDS,
        label="Directories",
        has_effect=False,
        help="Historic file synchronisation; without effect. Written as [ a b ].",
    ),
    Keyword(
        name="network",
        kind=ValueKind.CHOICE,
        label="Network type of this service",
        choices=Network,
        piranha=False,
        help="Forwarding method of this service. Blank: the one in GLOBAL SETTINGS.",
    ),
    Keyword(
        name="one_packet",
        kind=ValueKind.BOOLEAN,
        label="One-packet scheduling",
        default=False,
        piranha=False,
        help="Schedule each UDP packet separately, without tracking connections.",
    ),
    Keyword(
        name="scheduler_flags",
        kind=ValueKind.CHOICES,
        label="Scheduler flags",
        choices=SchedulerFlag,
        piranha=False,
        help="Flags of the sh and mh schedulers: sh-fallback, sh-port, mh-fallback, mh-port.",
    ),
    Keyword(
        name="persistence_engine",
        kind=ValueKind.TEXT,
        label="Persistence engine",
        piranha=False,
        help="sip: persistence by SIP Call-ID instead of client address; UDP only.",
    ),
    *CHECK_KEYWORDS,
    *AVAILABILITY_KEYWORDS,
)
# fmt: on
