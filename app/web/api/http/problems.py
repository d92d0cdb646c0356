"""Problems of a configuration as the API tells them: each with the path of its key in the configuration's JSON."""

from collections.abc import Iterable
from typing import Any, NoReturn

from app.lvs.model.problem import Path, Problem
from app.web.api.http.refusal import refuse

SHOWN_MAX = 200


def refuse_problems(problems: Iterable[Problem], path: Path = ()) -> NoReturn:
    """Answer 422 with `problems`, whose paths begin below `path`."""
    found = [_shown(problem, path) for problem in problems]
    refuse(
        422,
        f"The rules refuse this: {found[0]['message']}" if found else "The rules refuse this.",
        "Nothing was changed. Mend what stands in 'problems' and send it again.",
        problems=found[:SHOWN_MAX],
    )


def _shown(problem: Problem, path: Path) -> dict[str, Any]:
    return {
        "severity": str(problem.severity),
        "path": [*path, *problem.path],
        "message": problem.message,
    }
