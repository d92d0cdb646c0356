"""The small graphs of a table: new connections per second of each service in the last ten minutes."""

from collections.abc import Sequence
from typing import cast

from app.host.control_client import PulseRefused, PulseUnreachable, ask
from app.lvs.history_report import RecentReport
from app.lvs.report import ServiceReport
from app.web import current
from app.web.chart import spark
from app.web.connections import service_text


def sparklines(services: Sequence[ServiceReport]) -> dict[str, str]:
    """Return the SVG path for each of `services`, by its `service_text`; none where pulse does not tell.

    One question for all of them, which pulse answers from memory; the path is 80 by 20 units.
    """
    wanted = [service_text(service) for service in services]
    try:
        report = ask(current.settings().pulse_socket, "history", {"recent": wanted}) if wanted else None
    except (PulseUnreachable, PulseRefused):
        return {}
    series = cast(RecentReport, report)["series"] if report else {}
    return {text: spark(values) for text, values in series.items()}
