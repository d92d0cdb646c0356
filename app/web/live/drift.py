"""DRIFT: the kernel's IPVS table compared with the configuration, and the unmanaged services."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import Blueprint, render_template

from app.accept.accept import config_of
from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.desired.table import service_key
from app.lvs.ipvs.diff import diff
from app.lvs.ipvs.ipvsadm import commands, flags_text
from app.lvs.ipvs.service_json import service_from_json
from app.lvs.ipvs.service_names import protocol_word, service_name, service_text
from app.lvs.ipvs.table import Service
from app.lvs.model.config import Config
from app.lvs.reports.drift import DriftReport
from app.web.frame.current import current

WITHIN_S = 5.0
"""pulse reads the whole table for the answer, which takes a while if it is large."""
SHOWN_MAX = 200
"""Steps and unmanaged services listed; a plan for a table that was flushed has thousands of steps."""

blueprint = Blueprint("drift", __name__)


@dataclass(frozen=True, slots=True)
class Foreign:
    """An unmanaged service in the list; `waiting` is a deactivated virtual server with the same address."""

    text: str
    name: str
    scheduling: str
    servers: int
    commands: list[str]
    waiting: str


def ask_drift() -> tuple[DriftReport | None, str]:
    """Return pulse's answer to "drift", or None and the reason."""
    try:
        report: DriftReport = ask(current.settings.pulse_socket, "drift", timeout_s=WITHIN_S)
    except (ControlUnreachable, ControlRefused) as failed:
        return None, str(failed)
    return report, ""


def foreign_services(report: DriftReport) -> Iterator[Service]:
    """Yield the services of the kernel that are not from any configuration of this director."""
    return (service_from_json(document) for document in report["foreign"])


@blueprint.get("/drift")
def page() -> str:
    """Show the page."""
    report, silence = ask_drift()
    snapshot = current.store.snapshot()
    foreign = list(foreign_services(report)) if report else []
    return render_template(
        "live/drift.html",
        drift=report,
        silence=silence,
        status=current.pulse.part().report,
        saved_serial=snapshot.serial_no,
        shown_max=SHOWN_MAX,
        foreign=list(_listed(foreign[:SHOWN_MAX], config_of(snapshot))),
        foreign_count=len(foreign),
    )


def _listed(services: Iterable[Service], config: Config) -> Iterator[Foreign]:
    waiting = {service_key(virtual): virtual.name for virtual in config.virtual if not virtual.active}
    for service in services:
        yield Foreign(
            text=service_text(service.key),
            name=f"{protocol_word(service.key)} {service_name(service.key)}",
            scheduling=" ".join(filter(None, (service.scheduler, flags_text(service)))),
            servers=len(service.destinations),
            commands=list(commands(diff({}, {service.key: service}, ()).steps)),
            waiting=waiting.get(service.key, ""),
        )
