"""The one rulebook: every problem of a configuration at once, each with the path of its field.

Forms, import, API, `palometa check` and pulse all ask here. Grammar is not this file's matter: a value that
stands in the model has been understood.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.lvs.config import Config, VirtualServer
from app.lvs.keywords import Block, keywords_of
from app.lvs.machine import Machine
from app.lvs.problem import Path, Problem, Severity
from app.lvs.rules_global import global_problems
from app.lvs.rules_server import server_problems
from app.lvs.rules_together import together_problems
from app.lvs.rules_virtual import virtual_problems

_KEYS_OF_PAIRS = frozenset({"serial_no", "heartbeat_port", "keepalive", "deadtime", "syncd_id"})

Memory = dict[int, tuple[VirtualServer, "Surroundings", tuple[Problem, ...]]]
"""What the last call of `check` found about each virtual server object, by its id()."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that the rules about one virtual server look at outside of it."""

    globals: Config
    machine: Machine | None


def check(config: Config, machine: Machine | None = None, memory: Memory | None = None) -> tuple[Problem, ...]:
    """Return every problem of `config`, in file order.

    With `machine` also what only a look at the machine can tell: devices that are not there, virtual IPs that
    are its own addresses. With `memory`, virtual server objects seen in the last call are not looked at again.
    """
    # Without its servers and its serial number the configuration is what the rules about one server can see.
    surroundings = Surroundings(replace(config, serial_no=None, virtual=(), failover=()), machine)
    found = [*_range_problems(config, ()), *global_problems(config)]
    seen: Memory = {}
    for index, virtual in enumerate(config.virtual):
        known = memory.get(id(virtual)) if memory else None
        if known is None or known[0] is not virtual or known[1] != surroundings:
            known = (virtual, surroundings, tuple(_virtual_problems(virtual, surroundings)))
        seen[id(virtual)] = known
        found.extend(replace(problem, path=("virtual", index, *problem.path)) for problem in known[2])
    found.extend(together_problems(config))
    if memory is not None:
        memory.clear()
        memory.update(seen)
    return tuple(found)


def judged_for_running(config: Config, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return `problems` with those errors as warnings that keep nothing from running.

    Those are errors in blocks that are inactive, and in keys only a pair of routers acts on. One such must not
    keep a whole file from being run, as it did not with Piranha.
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
            return name in _KEYS_OF_PAIRS
    return False


def _virtual_problems(virtual: VirtualServer, surroundings: Surroundings) -> Iterator[Problem]:
    config = surroundings.globals
    yield from _range_problems(virtual, ())
    yield from virtual_problems(config, virtual, (), surroundings.machine)
    for place, server in enumerate(virtual.server):
        path: Path = ("server", place)
        yield from _range_problems(server, path)
        yield from server_problems(config, virtual, server, path)


def _range_problems(block: Block, path: Path) -> Iterator[Problem]:
    for name, keyword in keywords_of(block).items():
        value = getattr(block, name)
        if not isinstance(value, int) or isinstance(value, bool):
            continue
        if (keyword.low is None or value >= keyword.low) and (keyword.high is None or value <= keyword.high):
            continue
        unit = f" {keyword.unit}" if keyword.unit else ""
        yield Problem(
            Severity.ERROR,
            (*path, name),
            f"{keyword.label} is {value}: it must be from {keyword.low} to {keyword.high}{unit}.",
        )
