"""The whole configuration for programs: as JSON in lvs.cf's own words, as lvs.cf itself, as ipvsadm's."""

from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult, config_of
from app.lvs.formats.config_json import JsonRefused, from_json
from app.lvs.grammar.writer import render
from app.store import Edit, Snapshot
from app.web.api.http.etag import seen_by_writer
from app.web.api.http.refusal import refuse, refuse_problems
from app.web.api.http.request_body import sent_object
from app.web.api.http.saving import save
from app.web.api.http.secrets import say_left_out, visible
from app.web.api.resources.block_input import refuse_unwritable
from app.web.frame.current import current
from app.web.transfer.export_formats import FIX, HAS_ERRORS, JSON, TEXT, answer, as_ipvsadm, as_json


def get_config() -> Response:
    """Return the configuration as JSON."""
    snapshot = current.store.snapshot()
    return _whole(as_json(visible(config_of(snapshot))), JSON, snapshot)


def get_lvs_cf() -> Response:
    """Return the configuration as lvs.cf; with its comments to who may see secrets, which may stand in them."""
    snapshot = current.store.snapshot()
    return _whole(render(visible(config_of(snapshot))), TEXT, snapshot, has_comments=True)


def get_ipvsadm() -> Response:
    """Return the table the configuration results in, as ``ipvsadm -Sn`` prints it; 409 while it has errors."""
    snapshot = current.store.snapshot()
    body = as_ipvsadm(config_of(snapshot))
    if body is None:
        refuse(409, HAS_ERRORS, FIX)
    return answer(body, TEXT, snapshot.serial_no)


def put_config() -> Response:
    """Replace the whole configuration; blocks that keep their name keep their id."""
    seen = seen_by_writer()
    document = sent_object()
    try:
        config = from_json(document)
    except JsonRefused as refused:
        refuse_problems(refused.problems)
    refuse_unwritable(config)

    def change(edit: Edit) -> ChangeResult:
        # Everything is part of the whole: any change since then would be overwritten.
        seen.refuse_changed(edit.snapshot.serial_no, edit.snapshot.serial_no)
        edit.replace(config)
        return ChangeResult("configuration replaced by the API", ())

    return save(change)


def _whole(body: bytes, content_type: str, snapshot: Snapshot, *, has_comments: bool = False) -> Response:
    response = answer(body, content_type, snapshot.serial_no)
    # Another token may see more.
    response.vary.add("Authorization")
    say_left_out(response, config_of(snapshot), has_comments=has_comments)
    return response
