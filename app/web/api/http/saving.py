"""A change by a program on its way through ACCEPT, and the JSON with its outcome."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import jsonify
from werkzeug.wrappers import Response

from app.accept.accept import (
    Accepted,
    ChangeResult,
    EditedByHand,
    NotSaved,
    Refused,
    Unchanged,
    accept,
)
from app.accept.notify_pulse import ApplyOutcome, nudge
from app.store import Edit, Gone, ObjectKind
from app.web.api.http.refusal import refuse, refuse_problems
from app.web.api.http.token_auth import the_token
from app.web.frame.current import current

_NOTHING: Mapping[str, Any] = {}


def save(
    change: Callable[[Edit], ChangeResult],
    code: int = 200,
    more: Callable[[], Mapping[str, Any]] = lambda: _NOTHING,
) -> Response:
    """Save what `change` makes, tell pulse, and answer; `more` adds to the answer."""
    # Not the name of the token alone: it must not pass for that of a person.
    try:
        accepted = accept(current.accept_context(f"{the_token().name} (token)"), change)
    except Unchanged as same:
        outcome = ApplyOutcome("info", f"nothing changed; the serial is still {same.serial_no}")
        return _answer(same.serial_no, outcome, False, 200, more())
    except Refused as refusal:
        refuse_problems(refusal.problems)
    except NotSaved as refusal:
        refuse(refusal.code, str(refusal), "Nothing was changed. Fix the cause and send it again.")
    except Gone as gone:
        refuse(404, no_such(gone), "Nothing was changed. GET /api/virtual lists what is there.")
    except EditedByHand:
        refuse(
            409,
            f"{current.settings.lvs_cf} differs from what was last written: it was edited by hand.",
            f"Nothing was changed. Open {current.settings.url}/by-hand, import or overwrite the edit, then send "
            "this again.",
        )
    # A program that looks at the status alone must not take for granted that lvs.cf has the change.
    return _answer(accepted.serial_no, _outcome(accepted), True, 503 if accepted.trouble else code, more())


def _outcome(accepted: Accepted) -> ApplyOutcome:
    if accepted.trouble:
        return ApplyOutcome(
            "error", f"Saved as {accepted.serial_no}, but lvs.cf could not be updated. {accepted.trouble}"
        )
    outcome = nudge(current.settings, accepted.serial_no)
    return replace(outcome, text=f"{outcome.text}. {accepted.remark}.") if accepted.remark else outcome


def _answer(
    serial_no: int, outcome: ApplyOutcome, is_changed: bool, code: int, more: Mapping[str, Any]
) -> Response:
    body = {
        "serial_no": serial_no,
        "is_changed": is_changed,
        "outcome": outcome.kind,
        "said": outcome.text,
        **more,
    }
    response = jsonify(body)
    response.status_code = code
    response.set_etag(str(serial_no))
    return response


def no_such(gone: Gone) -> str:
    """Name who deleted an object that does not exist, if anybody did."""
    last = current.store.deletion_of(gone)
    if last is None:
        return str(gone)
    noun = "virtual server" if gone.kind is ObjectKind.VIRTUAL else "real server"
    return f"The {noun} '{last.name}' was deleted by {last.author} with serial {last.serial_no}."
