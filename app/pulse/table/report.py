"""The documents of `app.lvs.reports.status`, made of values."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.host.network.devices import Device
from app.lvs.desired.addresses import VirtualAddress
from app.lvs.desired.table import destination_key, forwarding
from app.lvs.ipvs.counters import Counters, CounterTable, DestinationCounters
from app.lvs.ipvs.ipvsadm import FORWARD_WORDS, flags_text
from app.lvs.ipvs.service_names import address_text, protocol_word
from app.lvs.ipvs.table import Destination, DestinationKey, ServiceKey, Table, service_order
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.problem import Problem
from app.lvs.model.values import Network
from app.lvs.reports.status import CountersReport, DestinationReport, DeviceReport, ProblemReport, ServiceReport
from app.pulse.process.control import read_arguments
from app.pulse.table.positions import service_positions


@dataclass(frozen=True, slots=True)
class StatusArguments:
    """The argument of the verb "status": positions of virtual servers in lvs.cf; None: everything."""

    positions: frozenset[int] | None = None


def requested_positions(arguments: Mapping[str, Any]) -> frozenset[int] | None:
    """Return the positions of the virtual servers that are requested; None: everything is; raise VerbRefused."""
    return read_arguments(arguments, StatusArguments).positions


def service_reports(
    table: Table, counters: CounterTable, config: Config | None, only: Collection[int] | None = None
) -> Iterator[ServiceReport]:
    """Yield a report of each service in the kernel, in ipvsadm's order, with the names `config` gives.

    With `only`, just those of the virtual servers at those positions.
    """
    positions = service_positions(config) if only is None or only else {}
    network = effective(config, "network") if config is not None else Network.NAT
    selected = (
        table.keys() if only is None else {key for key, at in positions.items() if at in only and key in table}
    )
    for key in sorted(selected, key=service_order):
        service = table[key]
        position = positions.get(key)
        virtual = config.virtual[position] if config is not None and position is not None else None
        names = server_names(virtual, key, network) if virtual is not None else {}
        counted = counters[key]
        yield {
            "owner": virtual.name if virtual is not None else None,
            "position": position,
            "protocol": protocol_word(key),
            "family": int(key.family),
            "address": address_text(key.address) if key.address else "",
            "port": key.port,
            "fwmark": key.fwmark,
            "scheduler": service.scheduler,
            "flags": flags_text(service),
            "counters": counters_report(counted.totals),
            "destinations": [
                _destination_report(destination, counted.destinations[destination.key], names)
                for destination in service.destinations
            ],
        }


def counters_report(counters: Counters) -> CountersReport:
    """Return `counters` as a document."""
    return {
        "connections": counters.connections,
        "packets_in": counters.packets_in,
        "packets_out": counters.packets_out,
        "bytes_in": counters.bytes_in,
        "bytes_out": counters.bytes_out,
        "connections_per_s": counters.connections_per_s,
        "packets_in_per_s": counters.packets_in_per_s,
        "packets_out_per_s": counters.packets_out_per_s,
        "bytes_in_per_s": counters.bytes_in_per_s,
        "bytes_out_per_s": counters.bytes_out_per_s,
    }


def device_reports(devices: Iterable[Device], ours: Collection[VirtualAddress]) -> list[DeviceReport]:
    """Return `devices` as documents, with the addresses that are not in `ours`."""
    return [
        {
            "name": device.name,
            "is_up": device.is_up,
            "addresses": [f"{own.address}/{own.prefix}" for own in device.own(ours)],
            "other_names": list(device.other_names),
        }
        for device in devices
    ]


def problem_report(problem: Problem) -> ProblemReport:
    """Return `problem` as a document."""
    return {
        "severity": problem.severity,
        "path": list(problem.path),
        "message": problem.message,
        "line": problem.line,
        "column": problem.column,
    }


def server_names(virtual: VirtualServer, key: ServiceKey, network: Network) -> dict[DestinationKey, str]:
    """Return the names of the active servers of `virtual`, by what they are in the kernel."""
    names: dict[DestinationKey, str] = {}
    for server in virtual.server:
        if server.active and server.address is not None:
            method = forwarding(virtual, server, network)
            names.setdefault(destination_key(server, server.address, key, method), server.name)
    return names


def _destination_report(
    destination: Destination, counted: DestinationCounters, names: Mapping[DestinationKey, str]
) -> DestinationReport:
    return {
        "name": names.get(destination.key),
        "address": address_text(destination.key.address),
        "port": destination.key.port,
        "forward": FORWARD_WORDS[destination.forward],
        "weight": destination.weight,
        "upper_threshold": destination.upper_threshold,
        "lower_threshold": destination.lower_threshold,
        "active": counted.active,
        "inactive": counted.inactive,
        "persistent": counted.persistent,
        "counters": counters_report(counted.totals),
    }
