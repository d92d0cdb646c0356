"""The configuration as files to download or view; IMPORT/EXPORT and GLOBAL SETTINGS link to them."""

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from app.accept.accept import config_of
from app.lvs.grammar.writer import render
from app.web.frame.current import current
from app.web.frame.errors import Page
from app.web.transfer.export_formats import FIX, HAS_ERRORS, JSON, TEXT, answer, as_ipvsadm, as_json

blueprint = Blueprint("downloads", __name__)


@blueprint.get("/transfer/lvs.cf")
def lvs_cf() -> Response:
    """Return the configuration as lvs.cf."""
    snapshot = current.store.snapshot()
    return _file(render(config_of(snapshot)), TEXT, snapshot.serial_no, "lvs.cf")


@blueprint.get("/transfer/lvs.json")
def json() -> Response:
    """Return the configuration as JSON."""
    snapshot = current.store.snapshot()
    return _file(as_json(config_of(snapshot)), JSON, snapshot.serial_no, "lvs.json")


@blueprint.get("/transfer/ipvsadm.rules")
def ipvsadm() -> Response:
    """Return the IPVS table of the configuration for ``ipvsadm -R``; 409 while it has errors."""
    snapshot = current.store.snapshot()
    body = as_ipvsadm(config_of(snapshot))
    if body is None:
        page = Page("No table to export", HAS_ERRORS, FIX)
        return make_response(render_template("frame/error.html", page=page, code=409, error_id=""), 409)
    return _file(body, TEXT, snapshot.serial_no, "ipvsadm.rules")


def _file(body: bytes, content_type: str, serial_no: int, name: str) -> Response:
    response = answer(body, content_type, serial_no)
    if "download" in request.args:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
