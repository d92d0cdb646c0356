"""Which keywords each configuration page asks for, in Piranha's order, with its labels and options.

Tables only: how a keyword is asked for stands in `forms_inputs`.
"""

from app.lvs.keywords.secret_keys import has_secret
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.keyword import BlockKind, Keyword, ValueKind
from app.lvs.model.schedulers import SchedulerFlag
from app.lvs.model.values import ClusterType, Network, OnStop, Protocol, TunnelChecksum, TunnelType
from app.web.forms.check_fields import AS_PIRANHA, CHECK_CHOICES
from app.web.forms.inputs import (
    Chosen,
    Covered,
    Flagged,
    Floated,
    Input,
    Masked,
    Replaced,
    Secret,
    Switched,
    Typed,
)

_GLOBAL = KEYWORDS[BlockKind.GLOBAL]
_VIRTUAL = KEYWORDS[BlockKind.VIRTUAL]
_SERVER = KEYWORDS[BlockKind.SERVER]

ADDRESS_SIZE = 39
"""Characters of the longest IPv6 address."""

NETMASKS = (
    *(f"255.255.255.{256 - 2**bits}" for bits in (0, 2, 3, 4, 5, 6, 7)),
    *(f"255.255.{256 - 2**bits}.0" for bits in range(9)),
)
"""Piranha's list of netmasks, offered beside the box; any other can be typed."""

NAME = Keyword(
    name="name",
    kind=ValueKind.QUOTED,
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

LOAD_TOOLS = ("none", "rup", "ruptime", "agent")
"""Piranha's three, and the one that is not dead."""

YES_NO = (("1", "Yes"), ("0", "No"))

_ON_STOP = (
    (OnStop.KEEP.value, "keep: traffic goes on"),
    (OnStop.WITHDRAW.value, "withdraw: addresses and services go"),
)
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
        Chosen(keyword=_GLOBAL["service"], choices=tuple((word.value, word.value) for word in ClusterType)),
        Typed(keyword=_GLOBAL["announce_again"], size=6),
        Typed(keyword=_GLOBAL["announce_every"], size=6),
        Switched(keyword=_GLOBAL["probe_duplicates"]),
        Typed(keyword=_GLOBAL["mail_to"], size=40),
        Typed(keyword=_GLOBAL["mail_from"], size=40),
        Typed(keyword=_GLOBAL["mail_server"], size=30),
        Typed(keyword=_GLOBAL["helo_name"], size=30),
        Typed(keyword=_GLOBAL["webhook"], size=40),
        Typed(keyword=_GLOBAL["notify_program"], size=30),
        Typed(keyword=_GLOBAL["notify_gap"], size=6),
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
        Typed(keyword=_GLOBAL["advert_ms"], size=8),
        Typed(keyword=_GLOBAL["virtual_router_id"], size=6),
        Switched(keyword=_GLOBAL["preempt"]),
        Typed(keyword=_GLOBAL["preempt_delay"], size=6),
        Switched(keyword=_GLOBAL["preempt_in_step"]),
        Typed(keyword=_GLOBAL["preempt_in_step_within"], size=6),
        Switched(keyword=_GLOBAL["vrrp_unicast"]),
        Typed(keyword=_GLOBAL["syncd_group"], size=ADDRESS_SIZE),
        Typed(keyword=_GLOBAL["syncd_port"], size=8),
        Typed(keyword=_GLOBAL["syncd_ttl"], size=6),
        Typed(keyword=_GLOBAL["syncd_maxlen"], size=8),
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
        Typed(keyword=_VIRTUAL["quorum"], size=6),
        Typed(keyword=_VIRTUAL["quorum_margin"], size=6),
        Typed(keyword=_VIRTUAL["max_out"], size=6),
        Typed(keyword=_VIRTUAL["tier_need"], size=6),
        Typed(keyword=_VIRTUAL["sorry_port"], size=8),
        Typed(keyword=_VIRTUAL["slow_start"], size=6),
        Typed(keyword=_VIRTUAL["damping"], size=6),
        Typed(keyword=_VIRTUAL["degraded_ms"], size=8),
        Typed(keyword=_VIRTUAL["degraded_weight"], size=6),
        Typed(keyword=_VIRTUAL["load_port"], size=8),
        Typed(keyword=_VIRTUAL["load_step"], size=6),
        Typed(keyword=_VIRTUAL["load_floor"], size=6),
    )


def _load_tools(virtual: VirtualServer) -> tuple[tuple[str, str], ...]:
    """The tools; an absent key stays absent as 'none', and a tool of the file's own is kept."""
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
    Typed(keyword=_SERVER["tier"], size=6),
    Typed(keyword=_SERVER["check_address"], size=ADDRESS_SIZE),
    Typed(keyword=_SERVER["check_port"], size=8),
)

WEIGHT_INPUTS: tuple[Input, ...] = (Typed(keyword=_SERVER["weight"], size=8),)

ADMIN_INPUTS: tuple[Input, ...] = (
    Typed(keyword=_SERVER["admin_until"], size=20),
    Typed(keyword=_SERVER["admin_reason"], size=40),
)
"""What DRAIN and MAINTENANCE ask for; which of the two it is, or READY, its button says."""


def script_inputs(virtual: VirtualServer) -> tuple[Input, ...]:
    """Return what MONITORING SCRIPTS asks for."""
    also_check = Covered if has_secret(virtual.also_check) else Typed
    return (
        Replaced(keyword=_VIRTUAL["send_program"]),
        Replaced(keyword=_VIRTUAL["send"]),
        Replaced(keyword=_VIRTUAL["expect"]),
        Switched(keyword=_VIRTUAL["use_regex"]),
        Chosen(
            keyword=_VIRTUAL["check"],
            choices=(("", AS_PIRANHA),),
            groups=CHECK_CHOICES,
            help="How the servers are checked, if not with the texts above.",
        ),
        Typed(keyword=_VIRTUAL["check_path"], size=30),
        Typed(keyword=_VIRTUAL["check_host"], size=30),
        Typed(keyword=_VIRTUAL["check_status"], size=16),
        Typed(keyword=_VIRTUAL["check_method"], size=10),
        Typed(keyword=_VIRTUAL["check_headers"], size=40),
        Typed(keyword=_VIRTUAL["check_name"], size=30),
        Typed(keyword=_VIRTUAL["check_type"], size=10),
        Typed(keyword=_VIRTUAL["check_user"], size=20),
        Secret(keyword=_VIRTUAL["check_password"], size=20),
        Secret(keyword=_VIRTUAL["check_secret"], size=20),
        Switched(keyword=_VIRTUAL["check_tls"]),
        Switched(keyword=_VIRTUAL["check_verify"]),
        Typed(keyword=_VIRTUAL["check_certificate_days"], size=6),
        Typed(keyword=_VIRTUAL["check_port"], size=8),
        Typed(keyword=_VIRTUAL["check_source"], size=ADDRESS_SIZE),
        Typed(keyword=_VIRTUAL["check_interface"], size=16),
        Typed(keyword=_VIRTUAL["check_interval"], size=6),
        Typed(keyword=_VIRTUAL["check_limit"], size=6),
        Typed(keyword=_VIRTUAL["check_retry"], size=6),
        Typed(keyword=_VIRTUAL["fall"], size=6),
        Typed(keyword=_VIRTUAL["rise"], size=6),
        also_check(keyword=_VIRTUAL["also_check"], size=60),
        Typed(keyword=_VIRTUAL["check_need"], size=8, suggestions=("all", "any")),
    )


SCRIPT_INPUTS = script_inputs(VirtualServer(name=""))

CLEAR_BUTTONS = {"send_program": "NO SEND PROGRAM", "send": "BLANK SEND", "expect": "BLANK EXPECT"}
"""The button of MONITORING SCRIPTS that clears each of Piranha's texts."""

SECRET_BUTTONS = {
    "check_password": "NO PASSWORD",
    "check_secret": "NO SHARED SECRET",
    "also_check": "NO ALSO CHECK",
}
"""The same for texts that are never shown."""
