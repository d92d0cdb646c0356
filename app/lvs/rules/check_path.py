"""Rules about the source, interface and schedule of checks."""

from collections.abc import Iterator

from app.lvs.checks.from_config import chosen_kind
from app.lvs.keywords.table import effective
from app.lvs.model.address_kinds import meaning, no_server_kind
from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.config import VirtualServer
from app.lvs.model.machine import Machine
from app.lvs.model.printable import shown
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.rules.global_settings import INTERFACE_MAX, is_interface_name

PATH_KEYS = frozenset({"check_source", "check_interface", "check_interval", "check_limit", "check_retry"})


def path_problems(virtual: VirtualServer, path: Path, machine: Machine | None) -> Iterator[Problem]:
    """Yield what is wrong with the source, interface and schedule of the checks of `virtual`."""
    yield from _source_problems(virtual, path)
    yield from _interface_problems(virtual, path, machine)
    yield from _schedule_problems(virtual, path)
    if virtual.check_port and chosen_kind(virtual) is CheckKind.PING:
        yield Problem(
            Severity.WARNING,
            (*path, "check_port"),
            "It has no effect: ping checks a host, not a port. Clear this field.",
        )


def _source_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    source, where = virtual.check_source, (*path, "check_source")
    if source is None:
        return
    kind = "unset" if not int(source) else no_server_kind(source)
    if kind:
        yield Problem(
            Severity.ERROR,
            where,
            f"Check source is {meaning(source)}, which is {kind}: use an address of this director, or clear this "
            "field.",
        )
        return
    targets = ((server.name, server.check_address or server.address) for server in virtual.server if server.active)
    other = next(((name, to) for name, to in targets if to is not None and to.version != source.version), None)
    if other is not None:
        yield Problem(
            Severity.ERROR,
            where,
            f"Check source is {source}, IPv{source.version}, and the server {shown(other[0])} is checked at "
            f"{other[1]}, IPv{other[1].version}: use the same address family for all, or clear this field.",
        )


def _interface_problems(virtual: VirtualServer, path: Path, machine: Machine | None) -> Iterator[Problem]:
    name, where = virtual.check_interface, (*path, "check_interface")
    if not name:
        return
    if not is_interface_name(name):
        yield Problem(
            Severity.ERROR,
            where,
            f"Check interface is {shown(name)}: use the name of an interface, such as eth0, of at most "
            f"{INTERFACE_MAX} bytes without blank, slash and colon.",
        )
    elif machine is not None and not machine.has(name):
        there = ", ".join(sorted(machine.devices)) or "none"
        yield Problem(
            Severity.WARNING,
            where,
            f"The interface {name} does not exist on this machine; it has: {there}. Until it exists, no check can "
            "run, and the servers keep their current state.",
        )


def _schedule_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    timeout_s = effective(virtual, "timeout")
    interval_s, limit_s = virtual.check_interval or timeout_s, virtual.check_limit or timeout_s
    if limit_s > interval_s and (virtual.check_interval or virtual.check_limit):
        yield Problem(
            Severity.WARNING,
            (*path, "check_limit" if virtual.check_limit else "check_interval"),
            f"A check may take {limit_s} s and is due every {interval_s} s: a server that does not answer is "
            f"checked only every {limit_s} s. Set a timeout that is not above the interval.",
        )
    retry_s = virtual.check_retry
    if retry_s is None:
        return
    if retry_s >= interval_s:
        text = (
            f"Retry after {retry_s} s is not shorter than the interval of {interval_s} s: use less, or clear it."
        )
        yield Problem(Severity.WARNING, (*path, "check_retry"), text)
    elif effective(virtual, "fall") == 1:
        text = (
            "It has no effect: the first failure takes a server out of rotation, as Failures to go down is 1. Set "
            "that to 2 or more, or clear this field."
        )
        yield Problem(Severity.WARNING, (*path, "check_retry"), text)
