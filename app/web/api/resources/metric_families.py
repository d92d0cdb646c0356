"""Pulse's report as Prometheus' metric families, under the names of the configuration. No request, no clock.

A service's labels are virtual (empty: no virtual server of ours), protocol, address and port; a real server's
are these and server, server_address and server_port. Those behind the first `services` and `servers` in the
table's order are summed under the virtual name ``(others)``.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric

from app.lvs.reports.status import CountersReport, DestinationReport, ServerReport, ServiceReport, StatusReport
from app.web.live.service_label import local_address

OTHERS = "(others)"
SERVICE_LABELS = ("virtual", "protocol", "address", "port")
SERVER_LABELS = (*SERVICE_LABELS, "server", "server_address", "server_port")

COUNTERS: Sequence[tuple[str, str, Callable[[CountersReport], int]]] = (
    ("connections", "Connections scheduled", lambda counters: counters["connections"]),
    ("incoming_packets", "Packets from clients", lambda counters: counters["packets_in"]),
    ("outgoing_packets", "Packets to clients; 0 in direct routing", lambda counters: counters["packets_out"]),
    ("incoming_bytes", "Bytes from clients", lambda counters: counters["bytes_in"]),
    ("outgoing_bytes", "Bytes to clients; 0 in direct routing", lambda counters: counters["bytes_out"]),
)
DESTINATION_GAUGES: Sequence[tuple[str, str, Callable[[DestinationReport], int]]] = (
    ("active_connections", "ActiveConn", lambda destination: destination["active"]),
    ("inactive_connections", "InActConn", lambda destination: destination["inactive"]),
    ("persistent_connections", "Persistent clients", lambda destination: destination["persistent"]),
    ("weight", "The weight in the kernel", lambda destination: destination["weight"]),
)
ADMIN_NUMBERS = {"ready": 0, "drain": 1, "maintenance": 2}
HEALTH_GAUGES: Sequence[tuple[str, str, Callable[[ServerReport], float | None]]] = (
    ("up", "Whether its checks say up (1) or down (0); no value: unknown", lambda server: _up(server)),
    ("in", "Whether it is in rotation", lambda server: float(server["is_in"])),
    ("degraded", "Whether its responses are slow", lambda server: float(server["is_degraded"])),
    ("admin_state", "0 ready, 1 drain, 2 maintenance", lambda server: ADMIN_NUMBERS[server["admin"]]),
    (
        "wanted_weight",
        "The weight the kernel should have; no value: none",
        lambda s: s["weight"],
    ),
    ("state_since_seconds", "When its state began", lambda server: server["since"]),
    ("check_duration_seconds", "How long its last check took", lambda server: _duration_s(server)),
)

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many services and real servers get series of their own."""

    services: int
    servers: int


def families(report: StatusReport | None, saved_serial: int, limits: Limits) -> Iterator[Metric]:
    """Yield the families of a report; of one that is missing, that pulse does not answer."""
    yield _gauge("pulse_up", "Whether pulse responds", 0 if report is None else 1)
    yield _gauge("serial_saved", "The serial of the configuration that was accepted last", saved_serial)
    if report is None:
        return
    yield InfoMetricFamily("palometa", "pulse", {"version": report["version"], "kernel": report["kernel"]})
    yield from _daemon(report)
    yield from _addresses(report)
    yield from _events(report)
    yield from _table(report["services"], limits)
    yield from _health(report, limits)


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"palometa_{name}", about, value)


def _daemon(report: StatusReport) -> Iterator[Metric]:
    applied, checks = report["applied"], report["checks"]
    yield _gauge("pulse_start_time_seconds", "When pulse was started", report["started_at"])
    yield _gauge("table_read_time_seconds", "When the kernel's table was read", report["table_read_at"])
    if applied is not None:
        yield _gauge("serial_applied", "The serial that is in the kernel", applied["serial_no"])
        yield _gauge("apply_time_seconds", "When that was applied", applied["at"])
        yield _gauge("apply_duration_seconds", "How long that took", applied["duration_ms"] / 1000)
        yield _gauge("apply_changes", "How many changes that took", applied["changes"])
        yield _gauge("apply_remained", "How many changes the kernel refused", len(applied["remained"]))
    yield _gauge("refused_problems", "Problems for which pulse rejects lvs.cf", len(report["refused"]))
    yield _gauge("troubles", "Problems that keep pulse from its work", len(report["trouble"]))
    repairs = report["repairs"]
    yield _gauge("repairs_kept", "Repairs of the table, of those pulse remembers (20)", len(repairs))
    last = max((repair["at"] for repair in repairs), default=0.0)
    yield _gauge("last_repair_time_seconds", "When the table was last repaired; 0: never", last)
    yield _gauge("checks", "How many different checks are run", checks["different"])
    yield _gauge("checks_per_second", "How many checks recently started per second", checks["per_s"])
    yield _gauge("check_lateness_seconds", "Mean start delay of checks", checks["late_ms"] / 1000)
    yield _gauge("check_lateness_worst_seconds", "Maximum start delay of checks", checks["late_ms_worst"] / 1000)
    loop = report["loop"]
    yield _gauge("look_duration_seconds", "How long the last read of the kernel took", loop["look_ms"] / 1000)
    yield _gauge("loop_lateness_seconds", "Mean delay of pulse's loop", loop["late_ms"] / 1000)
    yield _gauge("loop_lateness_worst_seconds", "Maximum delay of pulse's loop", loop["late_ms_worst"] / 1000)


def _addresses(report: StatusReport) -> Iterator[Metric]:
    family = GaugeMetricFamily(
        "palometa_address_up", "Whether a virtual IP is on its device", labels=("address", "device")
    )
    known: dict[Labels, bool] = {}
    for address in report["addresses"]:
        known[address["address"], address["device"]] = address["state"] == "up"
    for labels, is_up in known.items():
        family.add_metric(labels, float(is_up))
    yield family


def _events(report: StatusReport) -> Iterator[Metric]:
    kept = GaugeMetricFamily("palometa_events_kept", "The last events, by their kind", labels=("kind",))
    last = GaugeMetricFamily(
        "palometa_last_event_time_seconds", "When the last event of that kind occurred", labels=("kind",)
    )
    at = {event["kind"]: event["at"] for event in report["events"]}
    for kind, number in sorted(Counter(event["kind"] for event in report["events"]).items()):
        kept.add_metric((kind,), number)
        last.add_metric((kind,), at[kind])
    yield from (kept, last)


def _table(services: Sequence[ServiceReport], limits: Limits) -> Iterator[Metric]:
    own, others = services[: limits.services], services[limits.services :]
    for name, about, counter in COUNTERS:
        family = CounterMetricFamily(f"palometa_service_{name}", f"{about}, by service", labels=SERVICE_LABELS)
        for service in own:
            family.add_metric(service_labels(service), counter(service["counters"]))
        if others:
            total = sum(counter(service["counters"]) for service in others)
            family.add_metric(_others(SERVICE_LABELS), total)
        yield family
    servers = GaugeMetricFamily(
        "palometa_service_servers", "Real servers of a service in the kernel", labels=SERVICE_LABELS
    )
    for service in own:
        servers.add_metric(service_labels(service), len(service["destinations"]))
    if others:
        servers.add_metric(_others(SERVICE_LABELS), sum(len(service["destinations"]) for service in others))
    yield servers
    yield from _destinations(services, limits.servers)
    yield _gauge("services_summed", "Services without series of their own", len(others))


def _destinations(services: Sequence[ServiceReport], limit: int) -> Iterator[Metric]:
    all_of_them = [(service, destination) for service in services for destination in service["destinations"]]
    own = [(destination_labels(*pair), pair[1]) for pair in all_of_them[:limit]]
    others = [destination for _, destination in all_of_them[limit:]]
    for name, about, counter in COUNTERS:
        counted = CounterMetricFamily(f"palometa_server_{name}", f"{about}, by real server", labels=SERVER_LABELS)
        _fill(counted, own, others, partial(_counted, counter))
        yield counted
    for name, about, value in DESTINATION_GAUGES:
        gauge = GaugeMetricFamily(f"palometa_server_{name}", about, labels=SERVER_LABELS)
        _fill(gauge, own, others, value)
        yield gauge
    yield _gauge("servers_summed", "Real servers without series of their own", len(others))


def _counted(counter: Callable[[CountersReport], int], destination: DestinationReport) -> int:
    return counter(destination["counters"])


def _fill(
    family: CounterMetricFamily | GaugeMetricFamily,
    own: Iterable[tuple[Labels, DestinationReport]],
    others: Sequence[DestinationReport],
    value: Callable[[DestinationReport], int],
) -> None:
    for labels, destination in own:
        family.add_metric(labels, value(destination))
    if others:
        family.add_metric(_others(SERVER_LABELS), sum(map(value, others)))


def _health(report: StatusReport, limits: Limits) -> Iterator[Metric]:
    """Yield what the checks say; there is no sum of it, so those behind the limit are left out."""
    services = {service["position"]: service for service in report["services"] if service["owner"] is not None}
    own: dict[Labels, ServerReport] = {}
    for server in report["servers"][: limits.servers]:
        own.setdefault(health_labels(services.get(server["position"]), server), server)
    for name, about, value in HEALTH_GAUGES:
        family = GaugeMetricFamily(f"palometa_server_{name}", about, labels=SERVER_LABELS)
        for labels, server in own.items():
            if (known := value(server)) is not None:
                family.add_metric(labels, known)
        yield family


def service_labels(service: ServiceReport) -> Labels:
    """Return what names a service; of a firewall mark the address is the mark, and the port empty."""
    virtual = service["owner"] or ""
    if service["fwmark"]:
        return virtual, service["protocol"], local_address(service), ""
    return virtual, service["protocol"], service["address"], str(service["port"])


def destination_labels(service: ServiceReport, destination: DestinationReport) -> Labels:
    """Return what names a real server in the kernel."""
    own = (destination["name"] or "", destination["address"], str(destination["port"]))
    return (*service_labels(service), *own)


def health_labels(service: ServiceReport | None, server: ServerReport) -> Labels:
    """Return what names a real server that is checked: the labels it has in the kernel, where it is there.

    `service` None: its virtual server is not in the kernel, and what would be its address and port is empty.
    """
    if service is None:
        return server["virtual"], "", "", "", server["name"], server["address"], str(server["port"])
    for destination in service["destinations"]:
        if (destination["address"], destination["name"]) == (server["address"], server["name"]):
            return destination_labels(service, destination)
    return (*service_labels(service), server["name"], server["address"], str(server["port"]))


def _others(labels: Sequence[str]) -> Labels:
    return OTHERS, *("" for _ in labels[1:])


def _up(server: ServerReport) -> float | None:
    return {"up": 1.0, "down": 0.0}.get(server["state"])


def _duration_s(server: ServerReport) -> float | None:
    duration_ms = server["duration_ms"]
    return None if duration_ms is None else duration_ms / 1000
