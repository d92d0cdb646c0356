"""Rules about a pair of routers: what keeps it from being run, and what follows that may be unexpected.

Most are warnings: a single router continues whatever is configured for two.
"""

from collections.abc import Iterator

from app.lvs.keywords.table import KEYWORDS, effective
from app.lvs.model.address_kinds import carried, is_same, meaning, no_router_kind, unusable_kind
from app.lvs.model.config import Config
from app.lvs.model.keyword import BlockKind
from app.lvs.model.printable import shown
from app.lvs.model.problem import Problem, Severity
from app.lvs.model.values import Address
from app.lvs.pair.membership import Side
from app.lvs.pair.vrrp import takes_over_ms
from app.lvs.rules.global_settings import INTERFACE_MAX, disguise_problems, is_interface_name

ROUTER_ADDRESSES = ("primary", "primary_private", "backup", "backup_private")


def pair_problems(config: Config) -> Iterator[Problem]:
    """Yield what is wrong with the pair `config` describes, if it describes one."""
    group = config.syncd_group
    if group is not None and (unusable_kind(group) != "multicast" or carried(group)):
        yield Problem(
            Severity.ERROR,
            ("syncd_group",),
            f"Sync daemon group is {meaning(group)}: it must be a multicast address, such as 224.0.0.81, or "
            "blank.",
        )
    if not effective(config, "backup_active"):
        return
    for name in ROUTER_ADDRESSES:
        yield from _router_problems(name, getattr(config, name))
    yield from _address_problems(config)
    synced = effective(config, "syncd_iface")
    if effective(config, "syncdaemon") and not is_interface_name(synced):
        yield _warning(
            "syncd_iface",
            f"The Sync daemon's interface is {shown(synced)}, and no interface has such a name, so the sync "
            f"daemon cannot run: use a name such as eth0, of at most {INTERFACE_MAX} bytes without blank, slash "
            "and colon.",
        )
    yield from _time_problems(config)


def _address_problems(config: Config) -> Iterator[Problem]:
    backup, primary = effective(config, "backup"), config.primary
    if not int(backup):
        yield _warning(
            "backup",
            "A second router is enabled but its public IP is not set: the pair does not run until it is.",
        )
    elif primary is None or not int(primary):
        yield _warning(
            "primary", ("A second router is enabled but the primary's public IP is not set: set it as well.")
        )
    elif is_same(primary, backup):
        yield _warning("backup", f"Both routers of the pair have the public IP {backup}: each requires its own.")
    elif primary.version != backup.version:
        yield _warning(
            "backup", f"VRRP requires two public addresses of the same family; {primary} and {backup} differ."
        )
    elif not effective(config, "vrrp_unicast") and primary.version == 6:
        yield _warning(
            "vrrp_unicast",
            "Multicast advertisements over IPv6 are sent from a link-local address, which lvs.cf does not "
            "contain: keep Unicast advertisements on.",
        )


def _router_problems(name: str, address: Address | None) -> Iterator[Problem]:
    if address is None or not int(address):
        return
    if kind := no_router_kind(address):
        label = KEYWORDS[BlockKind.GLOBAL][name].label
        yield Problem(
            Severity.ERROR,
            (name,),
            f"{label} is {meaning(address)}, a {kind} address, which no router has: use its own address.",
        )
    yield from disguise_problems(address, (name,))


def _time_problems(config: Config) -> Iterator[Problem]:
    needed_ms = takes_over_ms(config, Side.BACKUP)
    deadtime_s = effective(config, "deadtime")
    if needed_ms > deadtime_s * 1000:
        yield _warning(
            "advert_ms",
            f"With this Advertisement interval the backup takes over after {needed_ms / 1000:.1f} s, later than "
            f"Assume dead after ({deadtime_s} s) allows: set it to {deadtime_s * 250} ms or less, "
            "or leave it blank.",
        )
    if effective(config, "preempt_in_step") and not (
        effective(config, "preempt") and effective(config, "syncdaemon")
    ):
        yield _warning(
            "preempt_in_step",
            "Preempt only in sync has no effect unless Primary preempts and Use sync daemon are also on: turn "
            "them on, or turn this off.",
        )
    if effective(config, "preempt_delay") and not effective(config, "preempt"):
        yield _warning(
            "preempt_delay",
            "Preemption delay has no effect while Primary preempts is off: turn that on, or clear this.",
        )


def _warning(name: str, message: str) -> Problem:
    return Problem(Severity.WARNING, (name,), message)
