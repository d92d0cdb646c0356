"""lvs.cf edited by hand: looking at the edit, taking it in with IMPORT, giving it up with OVERWRITE."""

from flask import Blueprint, abort, make_response, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult, NotSaved, Refused, config_of
from app.accept.on_disk import OnDisk, digest
from app.host.files.atomic_file import FileUnreadable, read
from app.store import Edit
from app.web.change.answer import save
from app.web.change.findings import place_refusal
from app.web.change.hand_edit import HandEdit, hand_edit_page, judged, look
from app.web.frame.current import current

CHANGED = "lvs.cf changed again after that page was displayed. Nothing was imported; check the difference again."
REFUSED = "lvs.cf was not imported because it has errors (see below). Fix the file, or press OVERWRITE."

blueprint = Blueprint("by_hand", __name__)


@blueprint.get("/by-hand")
def page() -> Response:
    """Show how lvs.cf differs from what was last written."""
    return hand_edit_page(look())


@blueprint.get("/by-hand/lvs.cf")
def file() -> Response:
    """Return lvs.cf as it stands, to be kept before it is overwritten."""
    try:
        found = read(current.settings.lvs_cf)
    except FileUnreadable:
        found = None
    if found is None:
        abort(404)
    response = make_response(found)
    response.content_type = "text/plain; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="lvs.cf"'
    return response


@blueprint.post("/by-hand/import")
def take() -> Response:
    """Take the file as the new configuration, if it still is the one that was shown."""
    edit = look()
    if digest(edit.found) != request.form.get("overwrite"):
        return hand_edit_page(edit, [CHANGED], 409)
    config = judged(edit.found).accepted
    if config is None:
        return hand_edit_page(edit, [REFUSED], 422)

    def change(draft: Edit) -> ChangeResult:
        draft.replace(draft.device_names.taken_out(config))
        return ChangeResult("lvs.cf imported after an edit by hand", ())

    return save(
        change,
        back=lambda _: url_for("virtual_servers.page"),
        again=lambda refusal: hand_edit_page(edit, *place_refusal(config, refusal)),
    )


@blueprint.post("/by-hand/overwrite")
def overwrite() -> Response:
    """Write what the pages show over the file, if that still is the one that was shown."""
    edit = look()
    return save(
        lambda _: ChangeResult(_summary(edit), None),
        back=lambda _: url_for("virtual_servers.page"),
        again=lambda refusal: _again(edit, refusal),
    )


def _again(edit: HandEdit, refusal: Refused | NotSaved) -> Response:
    return hand_edit_page(edit, *place_refusal(config_of(current.store.snapshot()), refusal))


def _summary(edit: HandEdit) -> str:
    if edit.state in (OnDisk.EDITED, OnDisk.FIRST):
        return "lvs.cf overwritten after an edit by hand"
    return "lvs.cf written again"
