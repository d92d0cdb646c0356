"""How every changing request is answered: saved and sent on, or shown again with what is wrong.

The one place where the outcomes of `accept` become HTTP responses.
"""

import difflib
from collections.abc import Callable

from flask import abort, current_app, flash, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from app.lvs.writing import Writer
from app.web import current
from app.web.accept import Accepted, Change, EditedByHand, NotSaved, Parts, Refused, Unchanged, accept
from app.web.applied import nudge
from app.web.conflict import Conflict, Gone, conflict_page, gone_page
from app.web.forms import Form
from app.web.machine_report import machine_of

SERIAL_MAX = 2**31 - 1


def seen_serial() -> int:
    """Return the serial the person's page was made from; 400 for a request without one."""
    text = request.form.get("serial", "")
    if not (text.isascii() and text.isdigit() and int(text) <= SERIAL_MAX):
        abort(400)
    return int(text)


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
        accepted = accept(_parts(), change, request.form.get("overwrite", ""))
    except Unchanged as same:
        flash(f"Nothing is different: serial {same.serial_no} stays as it is.", "info")
        return redirect(back(None), 303)
    except (Refused, NotSaved) as refusal:
        return again(refusal)
    except Conflict as conflict:
        return conflict_page(conflict, form) if form is not None else abort(409)
    except Gone as gone:
        return gone_page(gone)
    except EditedByHand as edited:
        return _edited_by_hand_page(edited)
    if accepted.trouble:
        flash(f"saved {accepted.serial_no} · lvs.cf still is the one before. {accepted.trouble}", "error")
        flash("Mend that, then press ACCEPT once more: it is written then.", "error")
    else:
        outcome = nudge(current.settings(), accepted.serial_no)
        flash(outcome.text, outcome.kind)
    return redirect(back(accepted), 303)


def _parts() -> Parts:
    machine = machine_of(current.pulse().report)
    # kept: the text of virtual servers that did not change is not written anew
    writer: Writer = current_app.extensions.setdefault("palometa-writer", Writer())
    return Parts(current.settings(), current.store(), writer, g.user.name, request.remote_addr, machine)


def _edited_by_hand_page(edited: EditedByHand) -> Response:
    page = render_template(
        "edited_by_hand.html",
        path=current.settings().lvs_cf,
        serial_no=edited.serial_no,
        digest=edited.digest,
        difference=difference(edited.written, edited.found, f"serial {edited.serial_no}", "the file now"),
        repeated=[(name, text) for name, text in request.form.items(multi=True) if name != "csrf_token"],
    )
    return make_response(page, 409)


def difference(before: bytes, after: bytes, before_name: str, after_name: str) -> list[str]:
    """Return the unified diff of two files, line by line."""
    lines = difflib.unified_diff(_lines(before), _lines(after), before_name, after_name, lineterm="")
    return list(lines)


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "backslashreplace").splitlines()
