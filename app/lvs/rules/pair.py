"""Rules about a pair of routers: what keeps it from being run, and what follows that nobody may expect.

All but one are warnings: one router goes on whatever is said about two.
"""

from collections.abc import Iterator

from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.problem import Problem, Severity
from app.lvs.pair.membership import Side
from app.lvs.pair.vrrp import takes_over_ms


def pair_problems(config: Config) -> Iterator[Problem]:
    """Yield what is wrong with the pair `config` describes, if it describes one."""
    group = config.syncd_group
    if group is not None and not group.is_multicast:
        yield Problem(
            Severity.ERROR,
            ("syncd_group",),
            f"Sync daemon group is {group}: a multicast address is accepted, such as 224.0.0.81, or none.",
        )
    if not effective(config, "backup_active"):
        return
    yield from _address_problems(config)
    yield from _time_problems(config)


def _address_problems(config: Config) -> Iterator[Problem]:
    backup, primary = effective(config, "backup"), config.primary
    if not int(backup):
        yield _warning(
            "backup",
            "A second router is enabled and its public IP is not set: no pair is run until it is.",
        )
    elif primary is None or not int(primary):
        yield _warning("primary", "A second router is enabled and the primary's public IP is not set: set it too.")
    elif primary == backup:
        yield _warning(
            "backup", f"Both routers of the pair are to have the public IP {backup}: each has one of its own."
        )
    elif primary.version != backup.version:
        yield _warning(
            "backup", f"VRRP needs two public addresses of one family; {primary} and {backup} are of two."
        )
    elif not effective(config, "vrrp_unicast") and primary.version == 6:
        yield _warning(
            "vrrp_unicast",
            "Multicast advertisements over IPv6 come from a link-local address, which lvs.cf does not name: leave "
            "Unicast advertisements on.",
        )


def _time_problems(config: Config) -> Iterator[Problem]:
    needed_ms = takes_over_ms(config, Side.BACKUP)
    deadtime_s = effective(config, "deadtime")
    if needed_ms > deadtime_s * 1000:
        yield _warning(
            "advert_ms",
            f"With this Advertisement interval the backup takes over after {needed_ms / 1000:.1f} s, later than "
            f"Assume dead after ({deadtime_s} s) says: make it {deadtime_s * 250} ms or less, or leave it blank.",
        )
    if effective(config, "preempt_in_step") and not (
        effective(config, "preempt") and effective(config, "syncdaemon")
    ):
        yield _warning(
            "preempt_in_step",
            "Takes back only in step has no effect unless Primary takes back and Use sync daemon are on too: "
            "switch them on, or this off.",
        )
    if effective(config, "preempt_delay") and not effective(config, "preempt"):
        yield _warning(
            "preempt_delay",
            "Takes back after has no effect while Primary takes back is off: switch that on, or clear it.",
        )


def _warning(name: str, message: str) -> Problem:
    return Problem(Severity.WARNING, (name,), message)
