"""The rows of the routing table: kernel, configuration and health put together."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from app.lvs.desired.table import destination_key, forwarding, service_key, sorry_key
from app.lvs.health.monitored import MonitoredServer, MonitoredVirtual
from app.lvs.ipvs.counters import Counters, ServiceCounters
from app.lvs.ipvs.table import Destination, DestinationKey, Service, ServiceKey, Table, service_order
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.values import AdminState, Network
from app.lvs.table_page.rows import ServerEntry, ServiceEntry, reach_of, state_of_service
from app.pulse.health.keeper import HealthKeeper
from app.pulse.health.report import Times, state_word
from app.pulse.table.positions import service_positions

_Index = Mapping[DestinationKey, int]


class Kernel(NamedTuple):
    """The last reading of the kernel, what of it still holds, and the states of the virtual IPs by their texts."""

    table: Table
    counters: Mapping[ServiceKey, ServiceCounters]
    totals: Mapping[ServiceKey, Counters]
    is_known: Callable[[ServiceKey], bool]
    addresses: Mapping[str, str]


class TableRows:
    """Makes the rows; what depends only on the configuration is computed once for each virtual server."""

    def __init__(self, health: HealthKeeper) -> None:
        self._health = health
        self._config: Config | None = None
        self._network = Network.NAT
        self._positions: dict[ServiceKey, int] = {}
        self._indexes: dict[int, tuple[VirtualServer, Network, _Index]] = {}

    def all(self, config: Config | None, kernel: Kernel) -> list[ServiceEntry]:
        """Return the rows in ipvsadm's order, followed by what is only configured."""
        self._index_config(config)
        times = self._health.times()
        rows = [self.row(key, kernel, times) for key in sorted(kernel.table, key=service_order)]
        return [*rows, *self._only_configured(kernel.table)]

    def row(self, key: ServiceKey, kernel: Kernel, times: Times) -> ServiceEntry:
        """Return the row of a service in the kernel, with the configuration of the last `all`."""
        service, counted = kernel.table[key], kernel.counters[key]
        totals = kernel.totals.get(key, counted.totals)
        position = self._positions.get(key)
        if position is None or self._config is None:
            foreign = [
                ServerEntry(
                    "", None, destination.key, destination, counted.destinations[destination.key], "foreign"
                )
                for destination in service.destinations
            ]
            return ServiceEntry("", None, key, service, totals, service.scheduler, foreign, "foreign")
        virtual = self._config.virtual[position]
        servers = list(self._servers(position, virtual, service, counted, times))
        address = virtual.address.address if virtual.address is not None else None
        reach = reach_of(address, kernel.addresses) if kernel.is_known(key) else "unknown"
        state = state_of_service(servers, reach)
        return ServiceEntry(virtual.name, position, key, service, totals, service.scheduler, servers, state)

    def _index_config(self, config: Config | None) -> None:
        if config is self._config:
            return
        self._config = config
        self._positions = service_positions(config)
        self._network = effective(config, "network") if config else Network.NAT
        stay = {id(virtual) for virtual in config.virtual} if config else set()
        self._indexes = {index: known for index, known in self._indexes.items() if index in stay}

    def _servers(
        self, position: int, virtual: VirtualServer, service: Service, counted: ServiceCounters, times: Times
    ) -> Iterator[ServerEntry]:
        index = self._index(virtual, service.key)
        monitored = self._health.monitored(position, virtual)
        there = set()
        sorry = sorry_key(virtual, service.key, self._network)
        for destination in service.destinations:
            number = index.get(destination.key)
            now = counted.destinations[destination.key]
            if number is None:
                state = "sorry" if destination.key == sorry else "foreign"
                yield ServerEntry("", None, destination.key, destination, now, state)
                continue
            there.add(number)
            server = virtual.server[number]
            yield ServerEntry(
                server.name,
                number,
                destination.key,
                destination,
                now,
                _state(server, number, monitored, times, destination),
            )
        for number, server in enumerate(virtual.server):
            if number not in there:
                key = self._key(virtual, server, service.key)
                state = _state(server, number, monitored, times, None)
                yield ServerEntry(server.name, number, key, None, None, state)

    def _only_configured(self, table: Table) -> Iterator[ServiceEntry]:
        for position, virtual in enumerate(self._config.virtual if self._config else ()):
            key = service_key(virtual)
            if key is not None and key in table and self._positions.get(key) == position:
                continue
            state = "missing" if virtual.active else "off"
            servers = [
                ServerEntry(
                    server.name,
                    number,
                    self._key(virtual, server, key) if key else None,
                    None,
                    None,
                    state if server.active else "off",
                )
                for number, server in enumerate(virtual.server)
            ]
            scheduler = str(effective(virtual, "scheduler"))
            yield ServiceEntry(virtual.name, position, key, None, None, scheduler, servers, state)

    def _index(self, virtual: VirtualServer, key: ServiceKey) -> _Index:
        known = self._indexes.get(id(virtual))
        if known is not None and known[0] is virtual and known[1] is self._network:
            return known[2]
        index: dict[DestinationKey, int] = {}
        for number, server in enumerate(virtual.server):
            there = self._key(virtual, server, key) if server.active else None
            if there is not None:
                index.setdefault(there, number)
        self._indexes[id(virtual)] = (virtual, self._network, index)
        return index

    def _key(self, virtual: VirtualServer, server: RealServer, key: ServiceKey) -> DestinationKey | None:
        if server.address is None:
            return None
        return destination_key(server, server.address, key, forwarding(virtual, server, self._network))


def _state(
    server: RealServer, number: int, monitored: MonitoredVirtual | None, times: Times, there: Destination | None
) -> str:
    if not server.active:
        return "off"
    known: MonitoredServer | None = monitored.servers[number] if monitored is not None else None
    if known is None:
        return "unknown" if there is not None else "missing"
    if known.admin.state is not AdminState.READY:
        return "drain" if known.admin.state is AdminState.DRAIN else "maintenance"
    word = state_word(known, times)
    if word not in ("up", "unchecked"):
        return word
    if not known.is_in:
        return "held"
    if there is None:
        return "missing"
    return word if there.weight else "idle"
