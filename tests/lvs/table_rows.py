"""Rows of a routing table, for the tests of what is chosen of it."""

from collections.abc import Sequence
from ipaddress import ip_address

from app.lvs.ipvs.counters import Counters, DestinationCounters
from app.lvs.ipvs.table import Destination, DestinationKey, Family, Forward, Service, ServiceKey, Transport
from app.lvs.table_page.rows import ServerEntry, ServiceEntry, state_of_service


def server(
    address: str,
    name: str = "",
    state: str = "up",
    *,
    active: int = 0,
    weight: int = 1,
    forward: Forward = Forward.ROUTE,
    place: int | None = 0,
    is_there: bool = True,
) -> ServerEntry:
    """Return a real server on port 80."""
    key = DestinationKey(ip_address(address), 80)
    destination = Destination(key, forward, weight) if is_there else None
    counted = DestinationCounters(active, 0, 0, Counters(bytes_in=active * 10)) if is_there else None
    return ServerEntry(name, place, key, destination, counted, state)


def service(
    address: str,
    name: str,
    servers: Sequence[ServerEntry] = (),
    *,
    scheduler: str = "wlc",
    port: int = 80,
    transport: Transport = Transport.TCP,
    cps: int = 0,
    position: int | None = 0,
    state: str = "",
) -> ServiceEntry:
    """Return a service with `servers`; with `state` off or missing it is not in the kernel."""
    there = ip_address(address)
    key = ServiceKey(Family(there.version), transport, there, port)
    is_there = state not in ("off", "missing")
    destinations = tuple(member.destination for member in servers if member.destination is not None)
    held = Service(key, scheduler, destinations=destinations) if is_there else None
    totals = Counters(connections_per_s=cps) if is_there else None
    said = state or state_of_service(servers, "up")
    return ServiceEntry(name, position, key, held, totals, scheduler, tuple(servers), said)


def marked(mark: int, name: str, servers: Sequence[ServerEntry] = ()) -> ServiceEntry:
    """Return the service of a firewall mark."""
    key = ServiceKey(Family.IPV4, Transport.NONE, None, 0, mark)
    return ServiceEntry(name, 9, key, Service(key, "sh"), Counters(), "sh", tuple(servers), "empty")
