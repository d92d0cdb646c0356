"""Which keywords each configuration page asks for, in Piranha's order, with its labels and options.

Tables only: how a keyword is asked for stands in `forms_inputs`.
"""

from app.lvs.config import Config, VirtualServer
from app.lvs.keyword import Keyword, Kind, Place
from app.lvs.keywords import KEYWORDS
from app.lvs.values import (
    CheckWord,
    Network,
    OnStop,
    Protocol,
    SchedulerFlag,
    Service,
    TunnelChecksum,
    TunnelType,
)
from app.web.forms_inputs import Chosen, Flagged, Floated, Input, Masked, Replaced, Switched, Typed

_GLOBAL = KEYWORDS[Place.GLOBAL]
_VIRTUAL = KEYWORDS[Place.VIRTUAL]
_SERVER = KEYWORDS[Place.SERVER]

ADDRESS_SIZE = 39
"""Characters of the longest IPv6 address."""

NETMASKS = (
    *(f"255.255.255.{256 - 2**bits}" for bits in (0, 2, 3, 4, 5, 6, 7)),
    *(f"255.255.{256 - 2**bits}.0" for bits in range(9)),
)
"""Piranha's list of netmasks, offered beside the box; any other can be typed."""

NAME = Keyword(
    name="name",
    kind=Kind.QUOTED,
    label="Name",
    help="Any name lvs.cf can hold; it appears in the tables and the log.",
)

NETWORKS = (
    (Network.NAT.value, "NAT"),
    (Network.DIRECT.value, "Direct Routing"),
    (Network.TUNNEL.value, "Tunneling"),
)

SCHEDULERS = (
    ("rr", "Round robin"),
    ("wlc", "Weighted least-connections"),
    ("wrr", "Weighted round robin"),
    ("lc", "Least-connection"),
    ("lblc", "Locality-Based Least-Connection Scheduling"),
    ("lblcr", "Locality-Based Least-Connection Scheduling (R)"),
    ("dh", "Destination Hash Scheduling"),
    ("sh", "Source Hash Scheduling"),
    ("sed", "Shortest expected delay (sed)"),
    ("nq", "Never queue (nq)"),
    ("fo", "Weighted failover (fo)"),
    ("ovf", "Weighted overflow (ovf)"),
    ("mh", "Maglev hashing (mh)"),
    ("twos", "Power of two choices (twos)"),
)

LOAD_TOOLS = ("none", "rup", "ruptime")

YES_NO = (("1", "Yes"), ("0", "No"))

_ON_STOP = (
    (OnStop.KEEP.value, "keep: traffic goes on"),
    (OnStop.WITHDRAW.value, "withdraw: addresses and services go"),
)
_AS_PIRANHA = ("", "as above, Piranha's way")
_AS_ABOVE = ("", "as GLOBAL SETTINGS")


def global_inputs(*, with_nat: bool) -> tuple[Input, ...]:
    """Return what GLOBAL SETTINGS asks for; the NAT router only while the network type is NAT."""
    return (
        Typed(keyword=_GLOBAL["primary"], size=ADDRESS_SIZE),
        Typed(keyword=_GLOBAL["primary_private"], size=ADDRESS_SIZE),
        Typed(keyword=_GLOBAL["tcp_timeout"], size=8),
        Typed(keyword=_GLOBAL["tcpfin_timeout"], size=8),
        Typed(keyword=_GLOBAL["udp_timeout"], size=8),
        *(_NAT_INPUTS if with_nat else ()),
        Chosen(keyword=_GLOBAL["on_stop"], choices=_ON_STOP),
        Chosen(keyword=_GLOBAL["service"], choices=tuple((word.value, word.value) for word in Service)),
    )


_NAT_INPUTS: tuple[Input, ...] = (
    Floated(keyword=_GLOBAL["nat_router"], device="nat_router_device", device_label="NAT Router device"),
    Masked(keyword=_GLOBAL["nat_nmask"], suggestions=NETMASKS),
)


def redundancy_inputs(config: Config) -> tuple[Input, ...]:
    """Return what REDUNDANCY asks for; a private address of the backup only when the primary has one."""
    private = () if config.primary_private is None else (_GLOBAL["backup_private"],)
    return (
        *(Typed(keyword=keyword, size=ADDRESS_SIZE) for keyword in (_GLOBAL["backup"], *private)),
        Typed(keyword=_GLOBAL["keepalive"], size=6),
        Typed(keyword=_GLOBAL["deadtime"], size=6),
        Typed(keyword=_GLOBAL["heartbeat_port"], size=6),
        Switched(keyword=_GLOBAL["monitor_links"]),
        Switched(keyword=_GLOBAL["syncdaemon"]),
        Typed(keyword=_GLOBAL["syncd_iface"], size=15),
        Typed(keyword=_GLOBAL["syncd_id"], size=6),
    )


def virtual_inputs(virtual: VirtualServer) -> tuple[Input, ...]:
    """Return what EDIT VIRTUAL SERVER asks for."""
    return (
        Typed(keyword=NAME, size=30, blank=""),
        Typed(keyword=_VIRTUAL["port"], size=8),
        Chosen(keyword=_VIRTUAL["protocol"], choices=tuple((word.value, word.value) for word in Protocol)),
        Floated(keyword=_VIRTUAL["address"], device="device", device_label="Device"),
        Masked(keyword=_VIRTUAL["vip_nmask"], suggestions=NETMASKS),
        Typed(keyword=_VIRTUAL["sorry_server"], size=ADDRESS_SIZE),
        Typed(keyword=_VIRTUAL["fwmark"], size=10),
        Typed(keyword=_VIRTUAL["reentry"], size=6),
        Typed(keyword=_VIRTUAL["timeout"], size=6),
        Switched(keyword=_VIRTUAL["quiesce_server"], choices=YES_NO),
        Chosen(keyword=_VIRTUAL["load_monitor"], choices=_load_tools(virtual)),
        Chosen(keyword=_VIRTUAL["scheduler"], choices=SCHEDULERS),
        Typed(keyword=_VIRTUAL["persistent"], size=8),
        Masked(keyword=_VIRTUAL["pmask"], suggestions=NETMASKS),
        Chosen(keyword=_VIRTUAL["network"], choices=(_AS_ABOVE, *NETWORKS)),
        Switched(keyword=_VIRTUAL["one_packet"]),
        Flagged(keyword=_VIRTUAL["scheduler_flags"], words=tuple(SchedulerFlag)),
        Typed(keyword=_VIRTUAL["persistence_engine"], size=8, suggestions=("sip",)),
        Typed(keyword=_VIRTUAL["rise"], size=6),
        Typed(keyword=_VIRTUAL["fall"], size=6),
    )


def _load_tools(virtual: VirtualServer) -> tuple[tuple[str, str], ...]:
    """Piranha's three; an absent key stays absent as 'none', and a tool of the file's own is kept."""
    choices = [(tool, tool) for tool in LOAD_TOOLS]
    if virtual.load_monitor is None:
        choices[0] = ("", LOAD_TOOLS[0])
    elif virtual.load_monitor not in LOAD_TOOLS:
        choices.append((virtual.load_monitor, virtual.load_monitor))
    return tuple(choices)


SERVER_INPUTS: tuple[Input, ...] = (
    Typed(keyword=NAME, size=30, blank=""),
    Typed(keyword=_SERVER["address"], size=ADDRESS_SIZE),
    Typed(keyword=_SERVER["port"], size=8),
    Typed(keyword=_SERVER["weight"], size=8),
    Chosen(keyword=_SERVER["network"], choices=(("", "as its virtual server"), *NETWORKS)),
    Typed(keyword=_SERVER["upper_threshold"], size=12),
    Typed(keyword=_SERVER["lower_threshold"], size=12),
    Chosen(keyword=_SERVER["tunnel_type"], choices=tuple((word.value, word.value) for word in TunnelType)),
    Typed(keyword=_SERVER["tunnel_port"], size=8),
    Chosen(keyword=_SERVER["tunnel_checksum"], choices=tuple((word.value, word.value) for word in TunnelChecksum)),
)

SCRIPT_INPUTS: tuple[Input, ...] = (
    Replaced(keyword=_VIRTUAL["send_program"]),
    Replaced(keyword=_VIRTUAL["send"]),
    Replaced(keyword=_VIRTUAL["expect"]),
    Switched(keyword=_VIRTUAL["use_regex"]),
    Chosen(keyword=_VIRTUAL["check"], choices=(_AS_PIRANHA, *((word.value, word.value) for word in CheckWord))),
    Typed(keyword=_VIRTUAL["check_path"], size=30),
    Typed(keyword=_VIRTUAL["check_host"], size=30),
    Typed(keyword=_VIRTUAL["check_status"], size=16),
    Switched(keyword=_VIRTUAL["check_verify"]),
)

CLEAR_BUTTONS = {"send_program": "NO SEND PROGRAM", "send": "BLANK SEND", "expect": "BLANK EXPECT"}
"""The button of MONITORING SCRIPTS that takes each text away."""
