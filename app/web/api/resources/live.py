"""What is, for programs: pulse's report in parts, the plan, the events, and the accepted configurations."""

from typing import Any, NoReturn

from flask import jsonify, request
from werkzeug.wrappers import Response

from app.lvs.ipvs.service_json import service_from_json
from app.lvs.ipvs.service_names import service_text
from app.lvs.keywords.secret_keys import withheld_in_summary
from app.lvs.reports.drift import DriftReport
from app.lvs.reports.status import StatusReport
from app.web.api.http.refusal import refuse
from app.web.api.http.request_body import whole_argument
from app.web.api.http.secrets import may_see_secrets, visible_messages
from app.web.frame.current import current
from app.web.live.drift import ask_drift
from app.web.table.row_ids import RowIds

OWN_ADDRESS = ("services", "servers", "events", "ipvsadm", "repairs")
"""Parts of a report that are long and have an address of their own, or are one in another form."""
NUMBER_MAX = 2**31 - 1
SERVICES_MAX = 10_000
HISTORY_MAX = 500


def pulse_report() -> StatusReport:
    """Return pulse's report, at most a second old; 503 when there is none."""
    seen = current.pulse.read()
    if seen.report is None:
        refuse_silence(seen.silence)
    return seen.report


def get_status() -> Response:
    """Return the state of pulse, of lvs.cf and of the virtual IPs."""
    report = pulse_report()
    body: dict[str, Any] = {name: part for name, part in report.items() if name not in OWN_ADDRESS}
    body["saved_serial"] = current.store.snapshot().serial_no
    body["file"] = current.lvs_cf.compare().name.lower()
    return jsonify(visible_messages(body))


def get_services() -> Response:
    """Return the kernel's IPVS table with counters; `name` selects the services of one virtual server."""
    report, name = pulse_report(), request.args.get("name")
    offset = whole_argument("offset", 0, NUMBER_MAX)
    limit = whole_argument("limit", SERVICES_MAX, SERVICES_MAX)
    found = [service for service in report["services"] if name is None or service["owner"] == name]
    ids = RowIds(report["applied"])
    services = [
        {**service, "virtual_id": ids.virtual(service["position"])} for service in found[offset : offset + limit]
    ]
    return jsonify(read_at=report["table_read_at"], found=len(found), services=services)


def get_servers() -> Response:
    """Return the health of the real servers; `name` selects those of one virtual server."""
    report, name = pulse_report(), request.args.get("name")
    ids = RowIds(report["applied"])
    servers = [
        {
            **server,
            "virtual_id": ids.virtual(server["position"]),
            "server_id": ids.server(server["position"], server["index"]),
        }
        for server in report["servers"]
        if name is None or server["virtual"] == name
    ]
    return jsonify(found=len(servers), servers=visible_messages(servers))


def get_plan() -> Response:
    """Return what pulse would change in the kernel now, what it repaired, and the unmanaged services."""
    report, found = pulse_report(), drift()
    return jsonify(
        commands=[step["command"] for step in found["steps"]],
        steps=found["steps"],
        foreign=[
            {"service": service_text(service_from_json(document).key), **document} for document in found["foreign"]
        ],
        repairs=report["repairs"],
    )


def drift() -> DriftReport:
    """Return how the kernel differs from what is wanted; 503 when pulse does not answer."""
    found, silence = ask_drift()
    if found is None:
        refuse_silence(silence)
    return found


def get_history() -> Response:
    """Return the accepted configurations, newest first: who, when, what."""
    before = whole_argument("before", NUMBER_MAX, NUMBER_MAX)
    limit = whole_argument("limit", 50, HISTORY_MAX)
    found = current.store.revisions(limit + 1, before=before)
    revisions = [
        {
            "serial_no": head.serial_no,
            "at": head.at.isoformat(timespec="seconds"),
            "author": head.author,
            "summary": head.summary if may_see_secrets() else withheld_in_summary(head.summary),
            "sha256": head.sha256,
        }
        for head in found[:limit]
    ]
    return jsonify(revisions=revisions, older=found[limit - 1].serial_no if 0 < limit < len(found) else None)


def refuse_silence(why: str) -> NoReturn:
    """Answer 503 with why pulse did not answer."""
    refuse(
        503,
        f"pulse does not answer: {why}",
        "The kernel keeps its present table. Start or fix pulse and try again.",
        {"Retry-After": "5"},
    )
