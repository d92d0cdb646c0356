"""The one rulebook: every problem of a configuration at once, each with the path of its field.

Forms, import, API, `palometa check` and pulse all ask here. Grammar is not this file's matter: a value that
stands in the model has been understood.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.lvs.ipvs.table import ServiceKey
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.machine import Machine
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.rules.duplicates import running_key, server_numbers, servers_problems, together_problems
from app.lvs.rules.global_settings import global_problems
from app.lvs.rules.notifications import NOTIFICATION_KEYS, notify_problems
from app.lvs.rules.pair import pair_problems
from app.lvs.rules.real_server import server_problems
from app.lvs.rules.values import range_problems, text_problems
from app.lvs.rules.virtual_server import virtual_problems

_KEYS_OF_PAIRS = frozenset({"serial_no", "heartbeat_port", "keepalive", "deadtime", "syncd_id"})

ProblemCache = dict[int, "Known"]
"""What the last call of `check` found about each virtual server object, by its id()."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that the rules about one virtual server look at outside of it."""

    globals: Config
    machine: Machine | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one virtual server: its own problems, its servers' addresses as numbers, its key."""

    virtual: VirtualServer
    surroundings: Surroundings
    problems: tuple[Problem, ...]
    server_numbers: frozenset[int]
    key: ServiceKey | None


def check(
    config: Config, machine: Machine | None = None, memory: ProblemCache | None = None
) -> tuple[Problem, ...]:
    """Return every problem of `config`, in file order.

    With `machine` also what only a look at the machine can tell: devices that are not there, virtual IPs that
    are its own addresses. With `memory`, virtual server objects seen in the last call are not looked at again.
    """
    # Without its servers and its serial number the configuration is what the rules about one server can see.
    surroundings = Surroundings(replace(config, serial_no=None, virtual=(), failover=()), machine)
    if memory:
        # Compared once instead of for each virtual server.
        last = next(iter(memory.values())).surroundings
        surroundings = last if last == surroundings else surroundings
    found = [*range_problems(config, ()), *text_problems(config, ())]
    found += [*global_problems(config), *pair_problems(config), *notify_problems(config)]
    seen: ProblemCache = {}
    judged: list[Known] = []
    for index, virtual in enumerate(config.virtual):
        known = memory.get(id(virtual)) if memory else None
        if known is None or known.virtual is not virtual or known.surroundings is not surroundings:
            problems = tuple(_virtual_problems(virtual, surroundings))
            known = Known(virtual, surroundings, problems, server_numbers(virtual), running_key(virtual))
        seen[id(virtual)] = known
        judged.append(known)
        found.extend(replace(problem, path=("virtual", index, *problem.path)) for problem in known.problems)
    numbers, keys = [known.server_numbers for known in judged], [known.key for known in judged]
    found.extend(together_problems(config, numbers, keys))
    if memory is not None:
        memory.clear()
        memory.update(seen)
    return tuple(found)


def judged_for_running(config: Config, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return `problems` with those errors as warnings that keep nothing from running.

    Those are errors in blocks that are inactive, in keys only a pair of routers acts on, and in those that say
    who is told. One such must not keep a whole file from being run, as it did not with Piranha.
    """
    return tuple(
        replace(problem, severity=Severity.WARNING) if _is_idle(config, problem.path) else problem
        for problem in problems
    )


def is_refused(problems: tuple[Problem, ...]) -> bool:
    """Return whether one of `problems` is an error."""
    return any(problem.severity is Severity.ERROR for problem in problems)


def _is_idle(config: Config, path: Path) -> bool:
    match path:
        case ("virtual", int(index), "server", int(place), *_):
            virtual = config.virtual[index]
            return not virtual.active or not virtual.server[place].active
        case ("virtual", int(index), *_):
            return not config.virtual[index].active
        case (str(name),):
            return name in _KEYS_OF_PAIRS or name in NOTIFICATION_KEYS
    return False


def _virtual_problems(virtual: VirtualServer, surroundings: Surroundings) -> Iterator[Problem]:
    config = surroundings.globals
    yield from range_problems(virtual, ())
    yield from text_problems(virtual, ())
    yield from virtual_problems(config, virtual, (), surroundings.machine)
    for place, server in enumerate(virtual.server):
        path: Path = ("server", place)
        yield from range_problems(server, path)
        yield from text_problems(server, path)
        yield from server_problems(config, virtual, server, path)
    yield from servers_problems(config, virtual, ())
