"""TABLE HISTORY: the kernel's IPVS table at a given time, as far as pulse recorded it. Reads only."""

import time
from typing import Any, cast

from flask import Blueprint, render_template, request

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.reports.past import PastTableReport
from app.web.frame.current import current
from app.web.live.service_label import local_address
from app.web.live.timeline import moment, retyped, typed

WITHIN_S = 5.0
FIELD_MAX = 100
SHOWN_MAX = 100

blueprint = Blueprint("past", __name__)


@blueprint.get("/past")
def page() -> str:
    """Show the table of the time `at`, by default the current one."""
    text = request.args.get("at", "").strip()[:FIELD_MAX]
    words = request.args.get("filter", "").strip()[:FIELD_MAX]
    report, refused = _report(text)
    services = report["services"] if report else []
    found = [service for service in services if _holds(service, words.casefold().split())]
    return render_template(
        "live/past.html",
        at=retyped(text) or (typed(report["asked"]) if report else ""),
        words=words,
        report=report,
        refused=refused,
        found=len(found),
        services=found[:SHOWN_MAX],
        typed=typed,
        local_address=local_address,
    )


def _report(text: str) -> tuple[PastTableReport | None, str]:
    try:
        at = moment(text)
        question = {"at": time.time() if at is None else at}
        return cast(PastTableReport, ask(current.settings.pulse_socket, "table_at", question, WITHIN_S)), ""
    except (ValueError, ControlUnreachable, ControlRefused) as refused:
        return None, str(refused)


def _holds(value: Any, words: list[str]) -> bool:
    """Return whether each of `words` occurs in a service or its servers."""
    texts = "\n".join(_texts(value)).casefold()
    return all(word in texts for word in words)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [str(value)] if value is not None else []
