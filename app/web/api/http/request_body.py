"""What a request holds: its JSON body and the numbers of its address, refused with a sentence when wrong."""

import json
import math
from collections.abc import Collection
from typing import Any, NoReturn

from flask import request

from app.lvs.model.problem import Problem, Severity
from app.web.api.http.refusal import refuse, refuse_problems
from app.web.change.incoming import once

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"

Document = dict[str, Any]


def sent_object() -> Document:
    """Return the JSON object of the request; 415 for another type, 400 for what is none."""
    if request.mimetype not in (JSON, MERGE_PATCH):
        found = request.mimetype or "nothing"
        refuse(415, f"The content type is {found[:80]}; {JSON} is accepted.", "Nothing was changed. Send JSON.")
    try:
        document = json.loads(request.get_data().decode(), object_pairs_hook=once, parse_constant=_no_number)
    except RecursionError:
        _refuse_body("the JSON is nested too deeply")
    except UnicodeDecodeError:
        _refuse_body("the body is not UTF-8")
    except ValueError as error:
        _refuse_body(f"the body is not valid JSON: {error}")
    if not isinstance(document, dict):
        _refuse_body(f"the body is {type(document).__name__}, not an object")
    return document


def sent_fields(names: Collection[str]) -> Document:
    """Return the object of a request whose body may be missing; 422 for keys other than `names`."""
    if not request.content_length and "Transfer-Encoding" not in request.headers:
        return {}
    document = sent_object()
    unknown = [key for key in document if key not in names]
    if unknown:
        accepted = f"accepted is {', '.join(sorted(names))}" if names else "nothing is accepted here"
        refuse_problems(
            [Problem(Severity.ERROR, (key,), f"{key[:60]!r} is not a key; {accepted}") for key in unknown]
        )
    return document


def whole_argument(name: str, default: int, high: int) -> int:
    """Return the whole number 0 to `high` that the address gives `name`; 400 for anything else."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and int(text) <= high):
        refuse(400, f"{name} is {text[:40]!r}; 0 to {high} is accepted.", "Fix the address and try again.")
    return int(text)


def time_argument(name: str) -> float | None:
    """Return the time the address gives `name`, in seconds since the epoch; None: it gives none."""
    text = request.args.get(name)
    if text is None:
        return None
    try:
        at = float(text)
    except ValueError:
        at = math.nan
    if not math.isfinite(at):
        refuse(
            400,
            f"{name} is {text[:40]!r}; a time in seconds since 1970 is accepted.",
            "Fix the address and try again.",
        )
    return at


def _refuse_body(why: str) -> NoReturn:
    refuse(400, f"{why[:1].upper()}{why[1:]}.", "Nothing was changed. Send one JSON object.")


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON")
