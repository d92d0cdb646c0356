"""What pulse's checks say of the real servers, for the pages: found by place, put into a badge's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.lvs.reports.status import CheckReport, DestinationReport, ServerReport, ServiceReport, StatusReport

BADGES = {
    "up": ("up", "up"),
    "down": ("down", "down"),
    "unknown": ("off", "not known yet"),
    "unchecked": ("off", "not checked"),
    "stale": ("off", "stale"),
}
"""Kind and words of a badge for each state; what is old or not known is grey, never green."""

ADMIN_BADGES = {"drain": ("info", "drain"), "maintenance": ("warn", "maintenance")}

AdminWord = Literal["ready", "drain", "maintenance"]


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """`kind` is a badge's; `why` the last result in a sentence; None: not known.

    `weight` is the one the kernel ought to hold, None: the server is not to be there. `held` says why this is not
    what checks and configuration alone would make it.
    """

    kind: str = "off"
    text: str = "–"
    why: str = ""
    since: float | None = None
    duration_ms: float | None = None
    is_in: bool = True
    is_degraded: bool = False
    weight: int | None = None
    held: str = ""
    admin: AdminWord = "ready"
    admin_until: float | None = None
    admin_reason: str = ""
    checks: Sequence[CheckReport] = ()


NOT_KNOWN = ServerHealth()


class HealthView:
    """The servers of one report, by their place in the configuration and in the table."""

    def __init__(self, report: StatusReport | None) -> None:
        self._servers: dict[int, dict[int, ServerReport]] = {}
        for server in report["servers"] if report else ():
            self._servers.setdefault(server["position"], {})[server["index"]] = server

    def of_server(self, position: int, index: int) -> ServerHealth:
        """Return the health of real server `index` of the virtual server at `position`."""
        return shown_health(self._servers.get(position, {}).get(index))

    def in_beside(self, position: int, index: int) -> int:
        """Return how many other servers of the virtual server at `position` may get new clients."""
        beside = (server for other, server in self._servers.get(position, {}).items() if other != index)
        return sum(server["is_in"] and server["admin"] == "ready" for server in beside)

    def of_destination(self, service: ServiceReport, destination: DestinationReport) -> ServerHealth:
        """Return the health of an entry in the table; not known for a foreign one and for a sorry server."""
        found = self._of(service)
        return shown_health(next((report for report in found if _is(report, destination)), None))

    def held_out(self, service: ServiceReport) -> list[tuple[ServerReport, ServerHealth]]:
        """Return the servers of `service` that are not in the table because of their health."""
        there = service["destinations"]
        return [
            (report, shown_health(report))
            for report in self._of(service)
            if not report["is_in"] and not any(_is(report, destination) for destination in there)
        ]

    def _of(self, service: ServiceReport) -> list[ServerReport]:
        position = service["position"]
        return list(self._servers.get(position, {}).values()) if position is not None else []


def _is(server: ServerReport, destination: DestinationReport) -> bool:
    return (server["address"], server["name"]) == (destination["address"], destination["name"])


def shown_health(report: ServerReport | None) -> ServerHealth:
    """Return what a report of a server says, for the pages."""
    if report is None:
        return NOT_KNOWN
    kind, text = BADGES[report["state"]]
    return ServerHealth(
        kind,
        text,
        report["message"],
        report["since"],
        report["duration_ms"],
        report["is_in"],
        report["is_degraded"],
        report["weight"],
        report["held"],
        report["admin"],
        report["admin_until"],
        report["admin_reason"],
        report["checks"],
    )
