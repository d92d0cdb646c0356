"""pulse's report as ipvsadm's other tables: ``ipvsadm -Ln`` with ``--stats``, ``--rate`` and so on (1.31).

The plain table is in `ipvsadm.py`. These are made of the report, because both doors that show them, the command
line and the pages, have no more than that.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from app.lvs.ipvs.service_names import host_port, mark_name, signed_mark
from app.lvs.reports.status import CountersReport, DaemonReport, DestinationReport, ServiceReport, StatusReport

_REMOTE = "  -> RemoteAddress:Port"
_LOCAL = "Prot LocalAddress:Port"

_TITLES = {
    "stats": ("Conns", "InPkts", "OutPkts", "InBytes", "OutBytes"),
    "rate": ("CPS", "InPPS", "OutPPS", "InBPS", "OutBPS"),
}


def plain(report: StatusReport) -> Iterator[str]:
    """Yield the lines of ``ipvsadm -Ln``."""
    yield from report["ipvsadm"]


def stats(report: StatusReport) -> Iterator[str]:
    """Yield the lines of ``ipvsadm -Ln --stats``: totals since each entry was made."""
    yield from _numbers(report, "stats", _totals)


def rate(report: StatusReport) -> Iterator[str]:
    """Yield the lines of ``ipvsadm -Ln --rate``: the kernel's estimates per second."""
    yield from _numbers(report, "rate", _rates)


def thresholds(report: StatusReport) -> Iterator[str]:
    """Yield the lines of ``ipvsadm -Ln --thresholds``."""
    titles = f"{'Uthreshold':<10} {'Lthreshold':<10} {'ActiveConn':<10} {'InActConn':<10}"
    yield from _connections(report, titles, _threshold_line)


def persistent(report: StatusReport) -> Iterator[str]:
    """Yield the lines of ``ipvsadm -Ln --persistent-conn``."""
    titles = f"{'Weight':<9} {'PersistConn':<11} {'ActiveConn':<10} {'InActConn':<10}"
    yield from _connections(report, titles, _persistent_line)


def timeouts(report: StatusReport) -> Iterator[str]:
    """Yield the line of ``ipvsadm -L --timeout``; nothing where the kernel was not asked."""
    found = report["timeouts"]
    if found:
        yield f"Timeout (tcp tcpfin udp): {found['tcp']} {found['tcpfin']} {found['udp']}"


def daemons(report: StatusReport) -> Iterator[str]:
    """Yield the lines of ``ipvsadm -Ln --daemon``; none runs: nothing."""
    for daemon in report.get("daemons", []):
        yield _daemon(daemon)


TABLES: Mapping[str, Callable[[StatusReport], Iterator[str]]] = MappingProxyType(
    {
        "plain": plain,
        "stats": stats,
        "rate": rate,
        "thresholds": thresholds,
        "persistent": persistent,
        "timeouts": timeouts,
        "daemon": daemons,
    }
)
"""Every table by the name the command line and the pages give it."""

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "plain": "-Ln",
        "stats": "-Ln --stats",
        "rate": "-Ln --rate",
        "thresholds": "-Ln --thresholds",
        "persistent": "-Ln --persistent-conn",
        "timeouts": "-L --timeout",
        "daemon": "-Ln --daemon",
    }
)
"""The options with which ipvsadm prints the same."""


def service_head(service: ServiceReport) -> str:
    """Return protocol and place of a service, as the first column has them."""
    if service["fwmark"]:
        name = mark_name(signed_mark(service["fwmark"]), service["family"])
    else:
        name = host_port(service["address"], service["port"])
    return f"{service['protocol']:<4} {name}"


def remote(destination: DestinationReport) -> str:
    """Return ADDRESS:PORT of a destination."""
    return host_port(destination["address"], destination["port"])


def large(number: int) -> str:
    """Return `number` in nine columns, from a hundred million on in thousands, millions and so on, cut off."""
    if number < 100_000_000:
        return f"{number:9}"
    if number < 1_000_000_000:
        return f"{number // 1000:8}K"
    if number < 100_000_000_000:
        return f"{number // 1_000_000:8}M"
    if number < 100_000_000_000_000:
        return f"{number // 1_000_000_000:8}G"
    return f"{number // 1_000_000_000_000:8}T"


def _numbers(report: StatusReport, kind: str, choose: Callable[[CountersReport], Iterable[int]]) -> Iterator[str]:
    yield _version(report)
    yield f"{_LOCAL:<33} {' '.join(f'{title:>8}' for title in _TITLES[kind])}"
    yield _REMOTE
    for service in report["services"]:
        yield f"{service_head(service):<33}{''.join(map(large, choose(service['counters'])))}"
        for destination in service["destinations"]:
            yield f"  -> {remote(destination):<28}{''.join(map(large, choose(destination['counters'])))}"


def _connections(report: StatusReport, titles: str, line: Callable[[DestinationReport], str]) -> Iterator[str]:
    yield _version(report)
    yield f"{_LOCAL:<33} {titles}"
    yield _REMOTE
    for service in report["services"]:
        head = f"{service_head(service)} {service['scheduler']}"
        yield f"{head} {service['flags']}" if service["flags"] else head
        for destination in service["destinations"]:
            yield f"  -> {remote(destination):<28} {line(destination)}"


def _threshold_line(server: DestinationReport) -> str:
    cells = (server["upper_threshold"], server["lower_threshold"], server["active"], server["inactive"])
    return " ".join(f"{cell:<10}" for cell in cells)


def _persistent_line(server: DestinationReport) -> str:
    return f"{server['weight']:<9} {server['persistent']:<11} {server['active']:<10} {server['inactive']:<10}"


def _totals(counters: CountersReport) -> tuple[int, ...]:
    return (
        counters["connections"],
        counters["packets_in"],
        counters["packets_out"],
        counters["bytes_in"],
        counters["bytes_out"],
    )


def _rates(counters: CountersReport) -> tuple[int, ...]:
    return (
        counters["connections_per_s"],
        counters["packets_in_per_s"],
        counters["packets_out_per_s"],
        counters["bytes_in_per_s"],
        counters["bytes_out_per_s"],
    )


def _daemon(daemon: DaemonReport) -> str:
    words = [f"mcast={daemon['interface']}", f"syncid={daemon['sync_id']}"]
    if daemon["maxlen"]:
        words.append(f"maxlen={daemon['maxlen']}")
    if daemon["group"]:
        words.append(f"group={daemon['group']}")
    if daemon["port"]:
        words.append(f"port={daemon['port']}")
    if daemon["ttl"]:
        words.append(f"ttl={daemon['ttl']}")
    return f"{daemon['role']} sync daemon ({', '.join(words)})"


def _version(report: StatusReport) -> str:
    return f"IP Virtual Server version {report['kernel']}"
