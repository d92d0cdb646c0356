"""How the API refuses: a status, and a JSON object that says what was found and what to do."""

from collections.abc import Iterable
from typing import Any, NoReturn

from flask import jsonify
from werkzeug.exceptions import HTTPException

from app.lvs.model.problem import Path, Problem


def refuse(code: int, error: str, advice: str, headers: dict[str, str] | None = None, **more: Any) -> NoReturn:
    """End the request with `code` and an object of `error`, `advice` and what is in `more`."""
    response = jsonify({"error": error, "advice": advice, **more})
    response.status_code = code
    response.headers.update(headers or {})
    raise HTTPException(response=response)


SHOWN_MAX = 200


def refuse_problems(problems: Iterable[Problem], path: Path = ()) -> NoReturn:
    """Answer 422 with `problems`, whose paths begin below `path`."""
    found = [_shown(problem, path) for problem in problems]
    refuse(
        422,
        f"The configuration is not valid: {found[0]['message']}" if found else "The configuration is not valid.",
        "Nothing was changed. Fix what 'problems' lists and send it again.",
        problems=found[:SHOWN_MAX],
    )


def _shown(problem: Problem, path: Path) -> dict[str, Any]:
    return {
        "severity": str(problem.severity),
        "path": [*path, *problem.path],
        "message": problem.message,
    }
