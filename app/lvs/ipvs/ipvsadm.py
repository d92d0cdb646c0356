"""The table and the plan in ipvsadm's words: what ``ipvsadm -Ln`` and ``-Sn`` print, byte for byte (1.31).

Except for marks from 2^31 on, which it saves in a way that it cannot restore.
"""

import socket
from collections.abc import Iterable, Iterator

from app.lvs.ipvs.counters import CounterTable
from app.lvs.ipvs.plan import (
    AddDestination,
    AddService,
    DeleteDestination,
    DeleteService,
    SetDestination,
    SetService,
    Step,
)
from app.lvs.ipvs.service_names import endpoint_text, protocol_word, service_name
from app.lvs.ipvs.table import (
    Destination,
    DestinationKey,
    Family,
    Forward,
    SchedulerBits,
    Service,
    ServiceKey,
    Table,
    Transport,
    service_order,
)
from app.lvs.model.values import TunnelChecksum, TunnelType

FORWARD_WORDS = {
    Forward.MASQUERADE: "Masq",
    Forward.LOCAL: "Local",
    Forward.TUNNEL: "Tunnel",
    Forward.ROUTE: "Route",
}
_FORWARD_OPTIONS = {Forward.MASQUERADE: "-m", Forward.LOCAL: "-g", Forward.TUNNEL: "-i", Forward.ROUTE: "-g"}
_SERVICE_OPTIONS = {Transport.TCP: "-t", Transport.UDP: "-u", Transport.SCTP: "--sctp-service"}
_CHECKSUM_OPTIONS = {
    TunnelChecksum.NONE: " --tun-nocsum",
    TunnelChecksum.FULL: " --tun-csum",
    TunnelChecksum.REMOTE: " --tun-remcsum",
}
_BIT_WORDS = {SchedulerBits.FLAG_1: "fallback", SchedulerBits.FLAG_2: "port"}
COLUMNS = (
    "Prot LocalAddress:Port Scheduler Flags",
    "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn",
)


def flags_text(service: Service) -> str:
    """Return what a listing prints after the scheduler, without the blank before it."""
    words = []
    if service.scheduler_flags:
        words.append(f"({_scheduler_flags(service)})")
    if service.persistent_s:
        words.append(f"persistent {service.persistent_s}")
        if mask := _mask(service):
            words.append(f"mask {mask}")
    if service.persistence_engine:
        words.append(f"pe {service.persistence_engine}")
    if service.one_packet:
        words.append("ops")
    return " ".join(words)


def listing(table: Table, counters: CounterTable, kernel: str) -> Iterator[str]:
    """Yield the lines of ``ipvsadm -Ln``; `kernel` is the version line's end, ``1.2.1 (size=4096)``."""
    yield f"IP Virtual Server version {kernel}"
    yield from COLUMNS
    for key in sorted(table, key=service_order):
        service = table[key]
        head = f"{protocol_word(key):<4} {service_name(key)} {service.scheduler}"
        flags = flags_text(service)
        yield f"{head} {flags}" if flags else head
        counted = counters[key].destinations
        for destination in service.destinations:
            now = counted[destination.key]
            name = endpoint_text(destination.key.address, destination.key.port)
            yield (
                f"  -> {name:<28} {FORWARD_WORDS[destination.forward]:<7} {destination.weight:<6} "
                f"{now.active:<10} {now.inactive:<10}"
            )


def saved(table: Table) -> Iterator[str]:
    """Yield the lines of ``ipvsadm -Sn``, as ``ipvsadm -R`` reads them."""
    for key in sorted(table, key=service_order):
        service = table[key]
        yield f"-A {service_options(key)} {_settings(service)}"
        for destination in service.destinations:
            yield f"-a {_destination(key, destination)}"


def commands(steps: Iterable[Step]) -> Iterator[str]:
    """Yield for each step the ipvsadm command that does the same."""
    for step in steps:
        yield f"ipvsadm {_command(step)}"


def service_options(key: ServiceKey) -> str:
    """Return the options that name the service: ``-t 192.0.2.1:80``, ``-f 5 -6``."""
    if key.address is None:
        # ipvsadm -S writes a mark from 2^31 on as a negative number, at which its own -R stops.
        return f"-f {key.fwmark}{' -6' if key.family is Family.IPV6 else ''}"
    return f"{_SERVICE_OPTIONS[key.transport]} {endpoint_text(key.address, key.port)}"


def _command(step: Step) -> str:
    match step:
        case AddService(service):
            return f"-A {service_options(service.key)} {_settings(service)}"
        case SetService(service):
            return f"-E {service_options(service.key)} {_settings(service)}"
        case DeleteService(key):
            return f"-D {service_options(key)}"
        case AddDestination(key, destination):
            return f"-a {_destination(key, destination)}{_thresholds(destination)}"
        case SetDestination(key, destination):
            return f"-e {_destination(key, destination)}{_thresholds(destination)}"
        case DeleteDestination(key, destination_key):
            return f"-d {service_options(key)} -r {_remote(destination_key)}"


def _settings(service: Service) -> str:
    text = f"-s {service.scheduler}"
    if service.persistent_s:
        text += f" -p {service.persistent_s}"
        if mask := _mask(service):
            text += f" -M {mask}"
    if service.persistence_engine:
        text += f" --pe {service.persistence_engine}"
    if service.one_packet:
        text += " -o"
    if service.scheduler_flags:
        text += f" -b {_scheduler_flags(service)}"
    return text


def _destination(service: ServiceKey, destination: Destination) -> str:
    text = (
        f"{service_options(service)} -r {_remote(destination.key)} "
        f"{_FORWARD_OPTIONS[destination.forward]} -w {destination.weight}"
    )
    if destination.forward is Forward.TUNNEL:
        text += f" --tun-type {destination.tunnel_type}"
        if destination.tunnel_type is TunnelType.GUE:
            text += f" --tun-port {destination.tunnel_port}"
        if destination.tunnel_type is not TunnelType.IPIP:
            text += _CHECKSUM_OPTIONS[destination.tunnel_checksum]
    return text


def _thresholds(destination: Destination) -> str:
    # ipvsadm -S leaves the thresholds out, so a command that is to do the same has to add them.
    if not destination.upper_threshold and not destination.lower_threshold:
        return ""
    return f" -x {destination.upper_threshold} -y {destination.lower_threshold}"


def _remote(key: DestinationKey) -> str:
    return endpoint_text(key.address, key.port)


def _mask(service: Service) -> str:
    if service.key.family is Family.IPV6:
        return "" if service.netmask == 128 else str(service.netmask)
    return "" if service.netmask == 0xFFFFFFFF else socket.inet_ntop(socket.AF_INET, service.netmask.to_bytes(4))


def _scheduler_flags(service: Service) -> str:
    named = service.scheduler in ("sh", "mh")
    words = []
    for number, bit in enumerate(SchedulerBits, start=1):
        if bit in service.scheduler_flags:
            word = _BIT_WORDS.get(bit) if named else None
            words.append(f"{service.scheduler}-{word}" if word else f"flag-{number}")
    return ",".join(words)
