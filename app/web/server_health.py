"""What pulse's checks say of the real servers, for the pages: found by place, put into a badge's words."""

from dataclasses import dataclass

from app.lvs.report import DestinationReport, ServerReport, ServiceReport, StatusReport

_BADGES = {
    "up": ("up", "up"),
    "down": ("down", "down"),
    "unknown": ("off", "not known yet"),
    "unchecked": ("off", "not checked"),
    "stale": ("off", "stale"),
}


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """`kind` is a badge's; `why` the last result in a sentence; None: not known."""

    kind: str = "off"
    text: str = "–"
    why: str = ""
    since: float | None = None
    duration_ms: float | None = None
    is_in: bool = True


NOT_KNOWN = ServerHealth()


class HealthView:
    """The servers of one report, by their place in the configuration and in the table."""

    def __init__(self, report: StatusReport | None) -> None:
        self._servers: dict[int, dict[int, ServerReport]] = {}
        for server in report["servers"] if report else ():
            self._servers.setdefault(server["position"], {})[server["index"]] = server

    def of_server(self, position: int, index: int) -> ServerHealth:
        """Return the health of real server `index` of the virtual server at `position`."""
        return _shown(self._servers.get(position, {}).get(index))

    def of_destination(self, service: ServiceReport, destination: DestinationReport) -> ServerHealth:
        """Return the health of an entry in the table; not known for a foreign one and for a sorry server."""
        found = self._of(service)
        return _shown(next((one for one in found if _is(one, destination)), None))

    def held_out(self, service: ServiceReport) -> list[tuple[ServerReport, ServerHealth]]:
        """Return the servers of `service` that are not in the table because of their health."""
        there = service["destinations"]
        return [
            (one, _shown(one))
            for one in self._of(service)
            if not one["is_in"] and not any(_is(one, destination) for destination in there)
        ]

    def _of(self, service: ServiceReport) -> list[ServerReport]:
        position = service["position"]
        return list(self._servers.get(position, {}).values()) if position is not None else []


def _is(server: ServerReport, destination: DestinationReport) -> bool:
    return (server["address"], server["name"]) == (destination["address"], destination["name"])


def _shown(report: ServerReport | None) -> ServerHealth:
    if report is None:
        return NOT_KNOWN
    kind, text = _BADGES[report["state"]]
    return ServerHealth(kind, text, report["message"], report["since"], report["duration_ms"], report["is_in"])
