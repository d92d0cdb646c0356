"""The export formats of the configuration apart from lvs.cf: JSON, and the lines of ``ipvsadm -Sn``."""

from flask import request
from flask.json import dumps
from werkzeug.wrappers import Response

from app.lvs.desired.table import desired
from app.lvs.formats.config_json import to_json
from app.lvs.ipvs.ipvsadm import saved
from app.lvs.model.config import Config
from app.lvs.model.problem import Severity
from app.web.frame.current import current

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"

HAS_ERRORS = "The configuration has errors: pulse does not accept it, and no table can be derived from it."
FIX = "Open VIRTUAL SERVERS, which lists the errors at the top, fix them and try again."


def as_json(config: Config) -> bytes:
    """Return `config` as JSON with the keywords of lvs.cf."""
    return f"{dumps(to_json(config), indent=2, sort_keys=False)}\n".encode()


def as_ipvsadm(config: Config) -> bytes | None:
    """Return the IPVS table of `config`, as ``ipvsadm -Sn`` prints it; None while it has errors."""
    if any(problem.severity is Severity.ERROR for problem in current.judge.problems(config, None)):
        return None
    return "".join(f"{line}\n" for line in saved(desired(config))).encode()


def answer(body: bytes, content_type: str, serial_no: int) -> Response:
    """Return `body` with the serial as its ETag; 304 if the client has it already."""
    response = Response(body)
    response.content_type = content_type
    return tagged(response, serial_no)


def tagged(response: Response, serial_no: int) -> Response:
    """Give `response` the serial as its ETag; make it an empty 304 if the client has that serial already."""
    response.set_etag(str(serial_no))
    if request.if_none_match.contains_weak(str(serial_no)):
        response.status_code = 304
        response.set_data(b"")
    return response
