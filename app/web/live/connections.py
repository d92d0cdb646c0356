"""CONNECTIONS: the kernel's connection table, read on request. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for

from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.ipvs.service_names import address_text, host_port, read_service
from app.lvs.reports.connections import ConnectionReport, ConnectionsReport
from app.lvs.reports.past import PastServiceReport
from app.lvs.reports.status import ServiceReport
from app.web.frame.current import current
from app.web.live.service_label import local_address

FILTERS = ("service", "server", "client", "state")
FILTER_MAX = 100
LIMIT_S = 28.0
"""Longer than pulse takes to read a large table, and less than its socket waits."""
OFFERED_MAX = 200
"""Services offered in the list of the form; any other can be typed."""
STATES = (
    "ESTABLISHED",
    "SYN_RECV",
    "SYN_SENT",
    "FIN_WAIT",
    "TIME_WAIT",
    "CLOSE",
    "CLOSE_WAIT",
    "LAST_ACK",
    "UDP",
    "ASSURED",
    "NONE",
)

blueprint = Blueprint("connections", __name__)


@dataclass(frozen=True, slots=True)
class ServerNames:
    """The configured names for the addresses in the kernel."""

    virtuals: Mapping[tuple[str, str, int], str]
    marks: Mapping[tuple[int, int], str]
    servers: Mapping[tuple[str, int], str]

    def virtual(self, row: ConnectionReport) -> str:
        """Return the name of the virtual server of an entry; empty: none is configured."""
        if row["fwmark"]:
            return self.marks.get((6 if ":" in row["client"] else 4, row["fwmark"]), "")
        place = (row["protocol"], row["virtual"])
        return self.virtuals.get((*place, row["virtual_port"])) or self.virtuals.get((*place, 0), "")

    def server(self, address: str, port: int) -> str:
        """Return the name of a real server, if need be of one on another port of the same machine."""
        return self.servers.get((address, port)) or self.servers.get((address, 0), "")

    def service(self, text: str) -> str:
        """Return the name of the virtual server of a service written as in the filters."""
        key = read_service(text)
        if key.address is None:
            return self.marks.get((int(key.family), key.fwmark), "")
        return self.virtuals.get((key.transport.name, address_text(key.address), key.port), "")


@blueprint.get("/connections")
def page() -> str:
    """Show the form, and once it is sent, the matching connection entries."""
    asked = {name: request.args.get(name, "").strip()[:FILTER_MAX] for name in FILTERS}
    report, refused = _ask(asked) if request.args.keys() & {*FILTERS, "show"} else (None, "")
    seen = current.pulse.read()
    services = seen.report["services"] if seen.report else []
    return render_template(
        "live/connections.html",
        asked=asked,
        refused=refused,
        report=report,
        names=_names(services),
        offered=[(service_text(service), service["owner"] or "unmanaged") for service in services[:OFFERED_MAX]],
        states=STATES,
        virtual=_virtual,
        time_left=_time_left,
        link=lambda **changed: url_for("connections.page", **_given(asked, changed)),
    )


def service_text(service: ServiceReport | PastServiceReport) -> str:
    """Return `service` as the filter accepts it."""
    return f"{service['protocol'].lower()} {local_address(service)}"


def _ask(asked: Mapping[str, str]) -> tuple[ConnectionsReport | None, str]:
    try:
        report: ConnectionsReport = ask(current.settings.pulse_socket, "connections", asked, LIMIT_S)
    except (ControlUnreachable, ControlRefused) as failed:
        return None, str(failed)
    return report, ""


def _given(asked: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, Any]:
    return {name: text for name, text in {**asked, **changed}.items() if text} or {"show": "1"}


def _names(services: list[ServiceReport]) -> ServerNames:
    virtuals: dict[tuple[str, str, int], str] = {}
    marks: dict[tuple[int, int], str] = {}
    servers: dict[tuple[str, int], str] = {}
    for service in services:
        if service["owner"] is not None:
            if service["fwmark"]:
                marks[service["family"], service["fwmark"]] = service["owner"]
            else:
                virtuals[service["protocol"], service["address"], service["port"]] = service["owner"]
        for destination in service["destinations"]:
            if destination["name"]:
                servers.setdefault((destination["address"], destination["port"]), destination["name"])
                servers.setdefault((destination["address"], 0), destination["name"])
    return ServerNames(virtuals, marks, servers)


def _virtual(row: ConnectionReport) -> str:
    """Return the virtual address of an entry, or its mark."""
    return f"mark {row['fwmark']}" if row["fwmark"] else host_port(row["virtual"], row["virtual_port"])


def _time_left(seconds: int) -> str:
    """Return the time left as ipvsadm prints it."""
    return f"{seconds // 60:02}:{seconds % 60:02}"
