"""Whether what the configuration names is really in the kernel, from pulse's report; the words for the lists."""

import time
from dataclasses import dataclass, replace

from app.lvs.desired.table import destination_key, forwarding, service_key
from app.lvs.keywords.table import effective
from app.lvs.model.admin_state import admin_of
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.reports.status import DestinationReport, ServiceReport
from app.lvs.table_page.rows import SERVING, reach_of
from app.web.config.drain import waits_for
from app.web.status.pulse_client import Seen
from app.web.status.server_health import NOT_KNOWN, HealthView, ServerHealth


@dataclass(frozen=True, slots=True)
class InKernel:
    """`kind` is a badge's; `why` explains a "no" or a "?"; connections and `sticky` clients None: not known.

    `waits` says what a server at weight 0 still has.
    """

    kind: str
    text: str
    why: str = ""
    active: int | None = None
    inactive: int | None = None
    sticky: int | None = None
    waits: str = ""


_UNREACHED = {"standby": "info", "unreachable": "down", "unknown": "off"}
CURRENT_S = 15.0
"""How long pulse's last reading of the table says what is there."""


class KernelView:
    """What the kernel holds of one configuration, as reported by pulse."""

    def __init__(self, config: Config, seen: Seen) -> None:
        self._config = config
        self._unknown = _unknown(config, seen)
        services: list[ServiceReport] = seen.report["services"] if seen.report and not self._unknown else []
        self._services = {service["position"]: service for service in services if service["position"] is not None}
        self._report = seen.report
        self._health = HealthView(None if self._unknown else seen.report)

    def virtual(self, position: int) -> InKernel:
        """Say whether the virtual server at `position` is in the kernel, with how many of its servers."""
        if self._unknown:
            return self._unknown
        virtual = self._config.virtual[position]
        service = self._services.get(position)
        if service is None:
            return self._missing(virtual)
        wanted = sum(1 for server in virtual.server if server.active)
        there = sum(
            1 for server in virtual.server if server.active and self._destination(service, virtual, server)
        )
        text = f"yes, {there} of {wanted} {'server' if wanted == 1 else 'servers'}"
        if not wanted:
            return InKernel("warn", text, "no real server is active")
        if unreached := self._unreached(virtual, text):
            return unreached
        if there < wanted:
            return InKernel("warn", text, self._why_fewer(service))
        return self._whole(position, service, text)

    def server(self, position: int, index: int) -> InKernel:
        """Say whether real server `index` of the virtual server at `position` is in the kernel."""
        if self._unknown:
            return self._unknown
        virtual = self._config.virtual[position]
        server = virtual.server[index]
        service = self._services.get(position)
        destination = self._destination(service, virtual, server) if service else None
        health = self.health(position, index)
        if service is not None and destination is not None:
            return self._there(virtual, service, destination, health)
        if not server.active:
            return InKernel("off", "no", "deactivated: press (DE)ACTIVATE")
        if not virtual.active:
            return InKernel(
                "off", "no", "its virtual server is deactivated: press (DE)ACTIVATE in VIRTUAL SERVERS"
            )
        if service is None:
            return InKernel("down", "no", self._missing(virtual).why)
        if health.admin == "maintenance":
            return InKernel("off", "no", "held out for maintenance")
        if not health.is_in:
            return InKernel("down", "no", health.held or "held out by its health checks")
        return InKernel("down", "no", self._remained())

    def health(self, position: int, index: int) -> ServerHealth:
        """Return what the checks say of real server `index` of the virtual server at `position`.

        The administrative state is known without pulse too.
        """
        health = self._health.of_server(position, index)
        if health is not NOT_KNOWN:
            return health
        admin = admin_of(self._config.virtual[position].server[index], time.time())
        return replace(health, admin=admin.state.value, admin_until=admin.until, admin_reason=admin.reason)

    def in_beside(self, position: int, index: int) -> int | None:
        """Return how many other servers of that virtual server may get new clients; None: not known."""
        return None if self._unknown else self._health.in_beside(position, index)

    def _there(
        self, virtual: VirtualServer, service: ServiceReport, destination: DestinationReport, health: ServerHealth
    ) -> InKernel:
        kind, why, weight = "up", "", destination["weight"]
        text = "yes" if weight else "yes, weight 0"
        if health.admin == "drain":
            kind, why = "info", "no new clients"
        elif health.held:
            kind, text = "warn", f"yes, weight {weight}"
        elif not health.is_in:
            kind, why = "warn", "held at weight 0 by its health checks"
        elif not weight:
            kind, why = "off", "no new clients"
        timeouts = self._report["timeouts"] if self._report else {}
        waits = "" if weight else waits_for(service, destination, timeouts, effective(virtual, "persistent"))
        return InKernel(
            kind, text, why, destination["active"], destination["inactive"], destination["persistent"], waits
        )

    def _unreached(self, virtual: VirtualServer, text: str) -> InKernel | None:
        """Return what to say of a service that no client reaches, as its virtual IP is not up; None: it is."""
        address = virtual.address.address if virtual.address is not None else None
        addresses = self._report["addresses"] if self._report else []
        reach = reach_of(address, {known["address"]: known["state"] for known in addresses})
        if reach == "up":
            return None
        found = next((known for known in addresses if known["address"] == str(address)), None)
        why = f"{address} is not up: {found['message'] or found['state']}" if found else f"{address} is not up yet"
        return InKernel(_UNREACHED[reach], text, why)

    def _whole(self, position: int, service: ServiceReport, text: str) -> InKernel:
        """Say of a service of which the kernel has all servers whether they serve."""
        virtual = self._config.virtual[position]
        active = [(index, server) for index, server in enumerate(virtual.server) if server.active]
        there = [self._destination(service, virtual, server) for _, server in active]
        if not any(found and found["weight"] for found in there):
            return InKernel("off", text, "all of them at weight 0: no new clients")
        states = {state for index, _ in active if (state := self.health(position, index).state)}
        if not states or states & SERVING:
            return InKernel("up", text)
        if states & {"unknown", "stale"}:
            return InKernel("off", text, "whether they answer is not known")
        return InKernel("warn", text, "the checks of all of them fail")

    def _why_fewer(self, service: ServiceReport) -> str:
        out = self._health.held_out(service)
        if not out:
            return self._remained()
        return "; ".join(f"{server['name']}: {_why_out(health)}" for server, health in out[:3])

    def _missing(self, virtual: VirtualServer) -> InKernel:
        if not virtual.active:
            return InKernel("off", "no", "deactivated: press (DE)ACTIVATE")
        if self._report and effective(virtual, "scheduler") in self._report["schedulers_missing"]:
            return InKernel(
                "down", "no", f"this kernel does not support the scheduler {effective(virtual, 'scheduler')}"
            )
        return InKernel("down", "no", self._remained())

    def _remained(self) -> str:
        applied = self._report["applied"] if self._report else None
        remained = applied["remained"] if applied else []
        return remained[0] if remained else "see CONTROL/MONITORING"

    def _destination(
        self, service: ServiceReport, virtual: VirtualServer, server: RealServer
    ) -> DestinationReport | None:
        key = service_key(virtual)
        if key is None or server.address is None:
            return None
        method = forwarding(virtual, server, effective(self._config, "network"))
        wanted = destination_key(server, server.address, key, method)
        place = (str(wanted.address), wanted.port)
        return next(
            (found for found in service["destinations"] if (found["address"], found["port"]) == place), None
        )


def _why_out(health: ServerHealth) -> str:
    return "maintenance" if health.admin == "maintenance" else health.held or health.why


def _unknown(config: Config, seen: Seen) -> InKernel | None:
    """Return what every row shows where nothing is known of single services."""
    report = seen.report
    if report is None:
        return InKernel("off", "?", "pulse is stopped")
    if not report["kernel"]:
        return InKernel("down", "no", report["trouble"][0] if report["trouble"] else "this kernel has no IPVS")
    if report["now"] - report.get("table_seen_at", report["now"]) > CURRENT_S:
        return InKernel("off", "?", " ".join(report["trouble"]) or "the kernel does not say what is in its table")
    applied = report["applied"]
    if applied is None or applied["serial_no"] != (config.serial_no or 0):
        refused = report["refused"]
        why = f"pulse rejects lvs.cf: {refused[0]['message']}" if refused else "pulse has not applied it yet"
        return InKernel("off", "?", why)
    return None
