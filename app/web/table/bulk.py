"""Actions on many rows of CONTROL/MONITORING: one page that shows the effect, one revision, one UNDO."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import Accepted, ChangeResult, NotSaved, Refused, config_of
from app.lvs.model.config import RealServer, VirtualServer
from app.lvs.table_page.filter import parse_filter
from app.store import Edit, Snapshot
from app.web.change.answer import save, seen_serial
from app.web.change.findings import place_refusal
from app.web.change.summary import cut
from app.web.change.undo import NothingToUndo
from app.web.config.admin_state import AdminForm
from app.web.forms.form import Form
from app.web.forms.pages import WEIGHT_INPUTS
from app.web.frame.current import current
from app.web.table.bulk_effect import MEANING, effect_of
from app.web.table.bulk_targets import ACTIONS, ADMIN, TEXT_MAX, Targets, everything_found, find_targets
from app.web.table.bulk_undo import put_all_back
from app.web.table.row_ids import is_applied
from app.web.table.view_options import read_query

CHANGED = "Some of these rows were changed after this page was opened. Check the effect again before you confirm."
GONE = "Some of these rows were deleted after this page was opened; the remaining ones are listed below."
NAMED_MAX = 3
WEIGHT_LENGTH_MAX = 9

blueprint = Blueprint("bulk", __name__)


@dataclass(slots=True)
class _BulkRequest:
    """The fields of the page: reason and end for DRAIN and MAINTENANCE, the weight for SET WEIGHT."""

    admin: AdminForm | None = None
    weight: Form | None = None

    @classmethod
    def on(cls, action: str, *, is_sent: bool) -> "_BulkRequest":
        if action == "SET WEIGHT":
            blank = RealServer(name="")
            sent = request.form
            return cls(
                None, Form.submitted(WEIGHT_INPUTS, sent) if is_sent else Form.showing(WEIGHT_INPUTS, blank)
            )
        if action in ADMIN and action != "READY":
            return cls(AdminForm.submitted() if is_sent else AdminForm.showing(()))
        return cls()

    def given(self, action: str) -> Callable[[RealServer], RealServer] | None:
        """Return the change to make to each real server; None: a field has an error, shown next to it."""
        if action in ADMIN:
            order = (self.admin or AdminForm.showing(())).order(action)
            return order.given_to if order else None
        if self.weight is None:
            is_active = action == "ACTIVATE"
            return lambda server: replace(server, active=is_active)
        weight = self.weight.merged(RealServer(name="")).weight
        if weight is None:
            self.weight.errors.setdefault("weight", ["Enter a number; 0 admits no new clients."])
        return None if self.weight.errors else lambda server: replace(server, weight=weight)


@blueprint.post("/control/change")
def page() -> Response:
    """Show what an action would do to the selected rows; apply it once it is confirmed."""
    query = request.form.get("back", "")[:TEXT_MAX]
    back = url_for("monitoring.page", **read_query(query).address())
    pressed = request.form.get("change", "")
    if pressed == "CANCEL":
        return redirect(back, 303)
    action = request.form.get("action", "") if pressed == "CONFIRM" else pressed
    if action not in ACTIONS:
        abort(400)
    errors = parse_filter(read_query(query).filter).errors if _is_all_found() else ()
    if errors:
        # A part of the filter that is ignored would make "all matching" more than was asked for.
        for sentence in (*errors, f"Nothing was changed: fix the filter, then press {action} again."):
            flash(sentence, "error")
        return redirect(back, 303)
    snapshot = current.store.snapshot()
    targets = find_targets(snapshot, action, _chosen(query))
    if not targets:
        flash(
            f"No row that {action} can change is selected: select rows in the table, then press {action}.", "error"
        )
        return redirect(back, 303)
    if pressed != "CONFIRM":
        return _page(action, targets, _BulkRequest.on(action, is_sent=False), query)
    return _confirmed(snapshot, action, targets, query)


@blueprint.post("/control/undo/<int(max=2147483647):serial_no>")
def undo(serial_no: int) -> Response:
    """Undo a change of many rows, except for those that have been changed again since."""
    back = url_for("monitoring.page", **read_query(request.form.get("back", "")).address())

    def again(refusal: Refused | NotSaved) -> Response:
        refused, _ = place_refusal(config_of(current.store.snapshot()), refusal)
        for sentence in refused:
            flash(sentence, "error")
        return redirect(back, 303)

    try:
        return save(lambda edit: put_all_back(edit, serial_no), back=lambda _: back, again=again)
    except NothingToUndo as nothing:
        flash(str(nothing), "error")
        return redirect(back, 303)


def _is_all_found() -> bool:
    return request.form.get("scope") in ("servers", "services")


def _chosen(query: str) -> list[str]:
    if _is_all_found():
        return list(everything_found(query, request.form["scope"]))
    return [*request.form.getlist("pick"), *request.form.get("more", "")[:TEXT_MAX].split()]


def _confirmed(snapshot: Snapshot, action: str, targets: Targets, query: str) -> Response:
    asked = _BulkRequest.on(action, is_sent=True)
    seen = seen_serial()
    given = asked.given(action)
    if given is None:
        return _page(action, targets, asked, query, 422)
    if targets.changed_serial > seen:
        return _page(action, targets, asked, query, 409, [CHANGED])
    if len(targets.named().split()) < len(set(request.form.get("more", "").split())):
        return _page(action, targets, asked, query, 409, [GONE])

    def change(edit: Edit) -> ChangeResult:
        now = find_targets(edit.snapshot, action, targets.named().split())
        if now.changed_serial > seen:
            raise NotSaved(CHANGED, 409)
        for row in now.virtuals:
            edit.set_virtual(row.id, _toggled(row.virtual, action))
        for place in now.servers:
            edit.set_server(place.row.id, given(place.row.server))
        return ChangeResult(_summary(action, now, asked), None if action in ("DEACTIVATE", "READY") else ())

    def again(refusal: Refused | NotSaved) -> Response:
        refused, code = place_refusal(config_of(current.store.snapshot()), refusal)
        return _page(action, targets, asked, query, code, refused)

    def back(accepted: Accepted | None) -> str:
        undone: dict[str, Any] = {"undo": accepted.serial_no} if accepted else {}
        return url_for("monitoring.page", **read_query(query).address(), **undone)

    return save(change, back=back, again=again)


def _toggled(virtual: VirtualServer, action: str) -> VirtualServer:
    return replace(virtual, active=action == "ACTIVATE")


def _summary(action: str, targets: Targets, asked: _BulkRequest) -> str:
    names = [row.virtual.name for row in targets.virtuals]
    names += [f"{place.row.server.name} of {place.virtual.virtual.name}" for place in targets.servers]
    more = f" and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else ""
    weight = f" {asked.weight.texts.get('weight', '')}" if asked.weight else ""
    return cut(f"{action.lower()}{weight}: {targets.words}: {', '.join(names[:NAMED_MAX])}{more}")


def _weight(text: str) -> int | None:
    """Return the weight that the effect is computed with; None: there is none, or it will be refused."""
    return int(text) if text.isdecimal() and len(text) <= WEIGHT_LENGTH_MAX else None


def _page(
    action: str,
    targets: Targets,
    asked: _BulkRequest,
    query: str,
    code: int = 200,
    refused: list[str] | None = None,
) -> Response:
    snapshot = current.store.snapshot()
    # As of the serial this page shows: they may have changed since they were selected.
    targets = find_targets(snapshot, action, targets.named().split())
    positions = {row.position for row in targets.virtuals} | {place.virtual.position for place in targets.servers}
    report = current.pulse.part(positions, snapshot.serial_no).report
    applied = report["applied"] if report else None
    is_known = is_applied(applied, snapshot)
    weight = asked.weight.texts.get("weight", "") if asked.weight else ""
    page = render_template(
        "table/bulk.html",
        action=action,
        targets=targets,
        meaning=MEANING[action],
        effect=effect_of(action, targets, _weight(weight), report if is_known else None),
        is_known=is_known,
        boxes=asked.admin.boxes if asked.admin else list(asked.weight.boxes().values()) if asked.weight else [],
        hidden=asked.weight.hidden if asked.weight else [],
        back=query,
        serial_no=snapshot.serial_no,
        refused=refused or [],
    )
    return make_response(page, code)
