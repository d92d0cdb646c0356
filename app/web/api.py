"""The configuration for programs: as JSON in lvs.cf's own words, as lvs.cf itself, as ipvsadm's."""

from flask import Blueprint, make_response, request
from flask.json import dumps
from werkzeug.wrappers import Response

from app.lvs.desired import desired
from app.lvs.export import to_json
from app.lvs.ipvsadm import saved
from app.lvs.problem import Severity
from app.lvs.writing import render
from app.web import current
from app.web.accept import config_of

blueprint = Blueprint("api", __name__)


@blueprint.get("/api/config")
def config() -> Response:
    """Return the configuration as JSON; with ``?download`` a browser saves it as lvs.json."""
    snapshot = current.store().snapshot()
    body = dumps(to_json(config_of(snapshot)), indent=2, sort_keys=False) + "\n"
    return _answer(body.encode(), "application/json", snapshot.serial_no, "lvs.json")


@blueprint.get("/api/lvs.cf")
def lvs_cf() -> Response:
    """Return the configuration as lvs.cf; with ``?download`` a browser saves it."""
    snapshot = current.store().snapshot()
    return _answer(render(config_of(snapshot)), "text/plain; charset=utf-8", snapshot.serial_no, "lvs.cf")


@blueprint.get("/api/ipvsadm")
def ipvsadm() -> Response:
    """Return the table the configuration asks for, as ``ipvsadm -Sn`` prints it; 409 while it has errors."""
    snapshot = current.store().snapshot()
    config = config_of(snapshot)
    if any(problem.severity is Severity.ERROR for problem in current.judge().problems(config, None)):
        return make_response(
            {
                "error": "The configuration has errors: pulse does not take it, and it makes no table.",
                "advice": "Open VIRTUAL SERVERS: the errors stand at the top. Mend them and ask again.",
            },
            409,
        )
    body = "".join(f"{line}\n" for line in saved(desired(config)))
    return _answer(body.encode(), "text/plain; charset=utf-8", snapshot.serial_no, "ipvsadm.rules")


def _answer(body: bytes, content_type: str, serial_no: int, file_name: str) -> Response:
    response = make_response(body)
    response.content_type = content_type
    response.set_etag(str(serial_no))
    response.headers["Cache-Control"] = "private, no-cache"
    if "download" in request.args:
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response.make_conditional(request)
