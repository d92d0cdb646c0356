"""Rules about more than one check of a server: ``also_check`` and ``check_need``."""

from collections.abc import Iterator

from app.lvs.checks.additional import SETTINGS, AlsoCheck, also_checks
from app.lvs.checks.from_config import NEED_ALL, NEED_ANY, checks_of, chosen_kind, every_check_of, is_number
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.machine import Machine
from app.lvs.model.printable import shown
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.rules.check_path import PATH_KEYS, path_problems
from app.lvs.rules.check_request import request_problems
from app.lvs.rules.values import range_problems

_SETTING_OF = {key: setting for setting, key in SETTINGS.items()}


def also_problems(
    config: Config, virtual: VirtualServer, path: Path, machine: Machine | None
) -> Iterator[Problem]:
    """Yield what is wrong with the additional checks of `virtual`, and with how many are needed."""
    found = also_checks(virtual.also_check or "")
    where = (*path, "also_check")
    for fault in found.faults:
        yield Problem(Severity.ERROR, where, fault)
    for check in found.checks:
        yield from _problems_of(check, virtual, where, machine)
    if found.checks and not found.faults:
        yield from _equal_problems(config, virtual, where)
    if found.checks and virtual.check is not None and chosen_kind(virtual) is None:
        yield Problem(
            Severity.WARNING,
            where,
            "Check is none, so the servers are checked only by the additional checks. Select one of them as "
            "Check instead.",
        )
    if not found.faults:
        count = len(found.checks) + (chosen_kind(virtual) is not None)
        yield from _need_problems(virtual, count, (*path, "check_need"))


def _problems_of(
    check: AlsoCheck, virtual: VirtualServer, where: Path, machine: Machine | None
) -> Iterator[Problem]:
    other = check.of(virtual)
    # A problem that the first check has too is reported there.
    is_reported = {name: name not in PATH_KEYS or name in check.values for name in (*SETTINGS.values(), "check")}
    if {"check_interval", "check_limit"} & check.values.keys():
        is_reported["check_interval"] = is_reported["check_limit"] = True
    problems = (*range_problems(other, ()), *request_problems(other, ()), *path_problems(other, (), machine))
    for problem in problems:
        name = str(problem.path[-1])
        if is_reported.get(name, False):
            setting = "" if name == "check" else f", {_SETTING_OF[name]}"
            yield Problem(problem.severity, where, f"{check.called}{setting}: {problem.message}")


def _equal_problems(config: Config, virtual: VirtualServer, where: Path) -> Iterator[Problem]:
    # Any server will do: they differ only in their ports.
    server = next((server for server in virtual.server if server.active), None)
    if server is None:
        return
    network = effective(config, "network")
    if len(checks_of(virtual, server, network)) < len(every_check_of(virtual, server, network)):
        yield Problem(
            Severity.WARNING,
            where,
            f"Two checks of the server {shown(server.name)} are identical; identical checks run once and count "
            "once. Remove one, or give it another port or path.",
        )


def _need_problems(virtual: VirtualServer, count: int, where: Path) -> Iterator[Problem]:
    need = virtual.check_need
    if need is None or (need == NEED_ALL and count > 1):
        return
    if need not in (NEED_ALL, NEED_ANY) and not (is_number(need) and 1 <= int(need) <= max(count, 1)):
        yield Problem(
            Severity.ERROR,
            where,
            f"Checks needed is {shown(need)}: use {NEED_ALL}, {NEED_ANY} or a number from 1 to {max(count, 1)}; "
            f"there {'is 1 check' if count == 1 else f'are {count} checks'}.",
        )
    elif count < 2 and need != NEED_ALL:
        yield Problem(
            Severity.WARNING,
            where,
            "It has no effect: a server has at most one check. Add more in Also check, or clear this field.",
        )
