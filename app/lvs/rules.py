"""The one rulebook: every problem of a configuration at once, each with the path of its field.

Forms, import, API, `palometa check` and pulse all ask here. Grammar is not this file's matter: a value that
stands in the model has been understood.
"""

from collections.abc import Iterator

from app.lvs.config import Config
from app.lvs.keywords import Block, keywords_of
from app.lvs.machine import Machine
from app.lvs.problem import Path, Problem, Severity
from app.lvs.rules_global import global_problems
from app.lvs.rules_server import server_problems
from app.lvs.rules_together import together_problems
from app.lvs.rules_virtual import virtual_problems


def check(config: Config, machine: Machine | None = None) -> tuple[Problem, ...]:
    """Return every problem of `config`, in file order.

    With `machine` also what only a look at the machine can tell: devices that are not there, virtual IPs that
    are its own addresses.
    """
    return tuple(_problems(config, machine))


def is_refused(problems: tuple[Problem, ...]) -> bool:
    """Return whether one of `problems` is an error."""
    return any(problem.severity is Severity.ERROR for problem in problems)


def _problems(config: Config, machine: Machine | None) -> Iterator[Problem]:
    yield from _range_problems(config, ())
    yield from global_problems(config)
    for index, virtual in enumerate(config.virtual):
        path: Path = ("virtual", index)
        yield from _range_problems(virtual, path)
        yield from virtual_problems(config, virtual, path, machine)
        for place, server in enumerate(virtual.server):
            server_path = (*path, "server", place)
            yield from _range_problems(server, server_path)
            yield from server_problems(config, virtual, server, server_path)
    yield from together_problems(config)


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
