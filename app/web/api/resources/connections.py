"""GET /api/connections: the kernel's connection table, counted and filtered by pulse, for programs."""

from flask import jsonify, request
from werkzeug.wrappers import Response

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.ipvs.service_names import read_endpoint, read_network, read_service
from app.lvs.reports.connections import ROWS_MAX
from app.web.api.http.refusal import refuse
from app.web.api.http.request_body import whole_argument
from app.web.api.resources.live import refuse_silence
from app.web.frame.current import current
from app.web.live.connections import FILTER_MAX, FILTERS, LIMIT_S

_READERS = {"service": read_service, "server": read_endpoint, "client": read_network}


def get_connections() -> Response:
    """Return totals over the connection table and the matching entries, read for each request."""
    asked = {name: request.args.get(name, "").strip() for name in FILTERS}
    for name, text in asked.items():
        _refuse_unreadable(name, text)
    question = {**asked, "limit": whole_argument("limit", ROWS_MAX, ROWS_MAX)}
    try:
        return jsonify(ask(current.settings.pulse_socket, "connections", question, LIMIT_S))
    except (ControlUnreachable, ControlRefused) as silence:
        refuse_silence(str(silence))


def _refuse_unreadable(name: str, text: str) -> None:
    try:
        if len(text) > FILTER_MAX:
            raise ValueError(f"it has {len(text)} characters, and {FILTER_MAX} are accepted")
        if text and name in _READERS:
            _READERS[name](text)
    except ValueError as error:
        refuse(400, f"{name}: {error}.", "Fix the address and try again.")
