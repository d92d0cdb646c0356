"""The one rulebook: every problem of a configuration at once, each with the path of its field.

Forms, import, API, `palometa check` and pulse all use it. It knows no grammar: the model holds parsed values.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.lvs.ipvs.table import ServiceKey
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.identity_cache import IdentityCache
from app.lvs.model.machine import Machine
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.rules.duplicates import running_key, server_numbers, servers_problems, together_problems
from app.lvs.rules.global_settings import global_problems
from app.lvs.rules.notifications import NOTIFICATION_KEYS, notify_problems
from app.lvs.rules.pair import ROUTER_ADDRESSES, pair_problems
from app.lvs.rules.real_server import server_problems
from app.lvs.rules.values import encoding_problems, range_problems, text_problems
from app.lvs.rules.virtual_server import virtual_problems

_KEYS_OF_PAIRS = frozenset({"serial_no", "heartbeat_port", "keepalive", "deadtime", "syncd_id", *ROUTER_ADDRESSES})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything outside a virtual server that the rules about it depend on."""

    globals: Config
    machine: Machine | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one virtual server: its own problems, its servers' addresses as numbers, its key."""

    problems: tuple[Problem, ...]
    server_numbers: frozenset[int]
    key: ServiceKey | None


class ProblemCache(IdentityCache[VirtualServer, Known]):
    """What the last call of `check` found about each virtual server object, in these `surroundings`."""

    def __init__(self) -> None:
        super().__init__()
        self._surroundings: Surroundings | None = None

    def enter(self, surroundings: Surroundings) -> None:
        """Begin a pass in `surroundings`: in others than those of the last one, nothing known still holds."""
        # Compared once instead of for each virtual server.
        if self._surroundings != surroundings:
            self.forget()
            self._surroundings = surroundings


def check(
    config: Config, machine: Machine | None = None, memory: ProblemCache | None = None
) -> tuple[Problem, ...]:
    """Return every problem of `config`, in file order.

    With `machine`, also those that depend on the machine: missing devices, virtual IPs that are its own
    addresses. With `memory`, virtual server objects seen in the last call are not checked again.
    """
    # Without its servers and its serial number the configuration is what the rules about one server can see.
    surroundings = Surroundings(replace(config, serial_no=None, virtual=(), failover=()), machine)
    cache = memory if memory is not None else ProblemCache()
    cache.enter(surroundings)
    found = [*range_problems(config, ()), *text_problems(config, ())]
    found += [*global_problems(config), *pair_problems(config), *notify_problems(config)]
    found += encoding_problems(config)
    judged: list[Known] = []
    for index, virtual in enumerate(config.virtual):
        known = cache.find(virtual)
        if known is None:
            problems = tuple(_virtual_problems(virtual, surroundings))
            known = cache.keep(virtual, Known(problems, server_numbers(virtual), running_key(virtual)))
        judged.append(known)
        found.extend(replace(problem, path=("virtual", index, *problem.path)) for problem in known.problems)
    numbers, keys = [known.server_numbers for known in judged], [known.key for known in judged]
    found.extend(together_problems(config, numbers, keys))
    cache.end_pass()
    return tuple(found)


def judged_for_running(config: Config, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return `problems` with the errors that prevent nothing from running turned into warnings.

    These are errors in inactive blocks, in keys that only matter to a pair of routers, and in the notification
    keys. As with Piranha, such an error must not keep the whole file from being run.
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
