"""How every changing request is answered: saved and sent on, or shown again with what is wrong.

The one place where the outcomes of `accept` become HTTP responses.
"""

from collections.abc import Callable

from flask import abort, flash, g, redirect, request
from werkzeug.wrappers import Response

from app.accept.accept import Accepted, Change, EditedByHand, NotSaved, Refused, Unchanged, accept
from app.accept.notify_pulse import nudge
from app.store import Gone
from app.web.change.conflict import Conflict, conflict_page, gone_page
from app.web.change.hand_edit import HandEdit, hand_edit_page
from app.web.forms.form import Form
from app.web.frame.current import current
from app.web.frame.request_numbers import serial_number


def seen_serial() -> int:
    """Return the serial the person's page was made from; 400 for a request without one."""
    try:
        return serial_number(request.form.get("serial", ""))
    except ValueError:
        abort(400)


def save(
    change: Change,
    *,
    back: Callable[[Accepted | None], str],
    again: Callable[[Refused | NotSaved], Response],
    form: Form | None = None,
) -> Response:
    """Save what `change` makes and go `back`, or show the page `again`; `form` is what a conflict compares.

    `back` gets None when there was nothing to save.
    """
    try:
        accepted = accept(current.accept_context(g.user.name), change, request.form.get("overwrite", ""))
    except Unchanged as same:
        flash(f"Nothing changed; the serial is still {same.serial_no}.", "info")
        return redirect(back(None), 303)
    except (Refused, NotSaved) as refusal:
        return again(refusal)
    except Conflict as conflict:
        return conflict_page(conflict, form) if form is not None else abort(409)
    except Gone as gone:
        return gone_page(gone)
    except EditedByHand as edited:
        hand_edit = HandEdit(edited.state, edited.found, edited.written, edited.serial_no)
        return hand_edit_page(hand_edit, code=409, is_refusing=True)
    if accepted.trouble:
        flash(
            f"Saved as {accepted.serial_no}, but lvs.cf could not be updated. {accepted.trouble} "
            "Fix the problem and press ACCEPT again.",
            "error",
        )
    else:
        outcome = nudge(current.settings, accepted.serial_no)
        flash(outcome.text, outcome.kind)
    if accepted.remark:
        flash(f"{accepted.remark}.", "warn")
    return redirect(back(accepted), 303)
