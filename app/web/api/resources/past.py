"""What was, for programs: the events, the traffic and the table at a time, as far as pulse keeps them."""

import time
from collections.abc import Callable
from typing import Any

from flask import jsonify, request
from werkzeug.wrappers import Response

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.ipvs.service_names import read_endpoint, read_service
from app.web.api.http.refusal import refuse
from app.web.api.http.request_body import time_argument, whole_argument
from app.web.api.http.secrets import visible_messages
from app.web.api.resources.live import refuse_silence
from app.web.frame.current import current
from app.web.live.timeline import Wanted

SPAN_MAX_S = 31 * 24 * 3600
AT_MAX = 2**32 - 1
TEXT_MAX = 100
WITHIN_S = 5.0


def get_events() -> Response:
    """Return the events after `since` and up to `until` that match the filters."""
    since, until = time_argument("since"), time_argument("until")
    wanted = Wanted(_text("kind"), _text("virtual"), _text("server"), _text("text"), until=until)
    answer = _ask("events", {})
    events = [event for event in answer["events"] if wanted.has(event) and (since is None or event["at"] > since)]
    return jsonify(now=answer["now"], events=visible_messages(events))


def get_traffic() -> Response:
    """Return the traffic of the last `span_s`: of the director, of a service, or of a real server of it."""
    service, server = _named("service", read_service), _named("server", read_endpoint)
    if server and not service:
        refuse(400, "server is given without service.", "Name the service whose real server it is.")
    span_s = whole_argument("span_s", 3600, SPAN_MAX_S) or 1
    return jsonify(_ask("history", {"service": service, "server": server, "span_s": span_s}))


def get_past_table() -> Response:
    """Return the kernel's table as it was at the time `at`, or now, in its last minute."""
    at = time_argument("at")
    if at is not None and not 0 <= at <= AT_MAX:
        refuse(400, f"at is {at:g}; 0 to {AT_MAX} is accepted.", "Fix the address and try again.")
    return jsonify(_ask("table_at", {"at": time.time() if at is None else at}))


def _ask(verb: str, question: dict[str, Any]) -> Any:
    try:
        return ask(current.settings.pulse_socket, verb, question, WITHIN_S)
    except (ControlUnreachable, ControlRefused) as silence:
        refuse_silence(str(silence))


def _text(name: str) -> str:
    text = request.args.get(name, "")
    if len(text) > TEXT_MAX:
        refuse(400, f"{name} has {len(text)} characters; {TEXT_MAX} is accepted.", "Use a shorter one.")
    return text


def _named(name: str, read: Callable[[str], object]) -> str:
    text = _text(name).strip()
    try:
        if text:
            read(text)
    except ValueError as error:
        refuse(400, f"{name}: {error}.", "Fix the address and try again.")
    return text
