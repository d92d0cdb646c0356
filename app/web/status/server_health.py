"""The verdicts of pulse's health checks on the real servers, for the pages, by their place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.lvs.reports.status import CheckReport, DestinationReport, ServerReport, ServiceReport, StatusReport

AdminWord = Literal["ready", "drain", "maintenance"]


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """`state` is pulse's word, empty: not known. `why` is the last result in a sentence; None: not known.

    `weight` is the one the kernel should hold, None: the server should not be there. `held` says why this differs
    from what health checks and configuration alone would give.
    """

    state: str = ""
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
        """Return how many other servers of the virtual server at `position` are in rotation."""
        beside = (server for other, server in self._servers.get(position, {}).items() if other != index)
        return sum(server["is_in"] and server["admin"] == "ready" for server in beside)

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
    """Return the health that a report of a server describes."""
    if report is None:
        return NOT_KNOWN
    return ServerHealth(
        report["state"],
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
