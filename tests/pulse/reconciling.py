"""The reconciler on the real kernel, driven round by round as the daemon drives it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.host.ipvs.table import IPVS
from app.host.network.address_requests import AddressRequests
from app.host.network.addresses import Addresses
from app.host.network.interfaces import Interfaces
from app.host.probes.kinds.program import Programs
from app.host.probes.prober import Prober
from app.lvs.model.config import Config
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.events.log import EventLog
from app.pulse.health.keeper import HealthKeeper
from app.pulse.pair.keeper import PairKeeper
from app.pulse.process.owned import OwnedState
from app.pulse.process.problems import SURVIVED
from app.pulse.reconciler import Reconciler
from app.pulse.table.keeper import TableKeeper
from tests.pulse.addresses.veth import config_of, ip
from tests.pulse.failing_socket import Failpoint

SIX, FOUR, NEW = "2001:db8::100", "192.0.2.100", "192.0.2.101"
ALL = (SIX, FOUR, NEW)
CONFIG = config_of(f"{SIX} eth0", f"{FOUR} eth0:1", f"{NEW} eth0:2", extra="tcp_timeout = 901\nsyncdaemon = 0")
NEVER = Failpoint(0, lambda requests, number: False)


class Running:
    """The reconciler on the real kernel, as the daemon drives it; `remained` is what it reports after a round."""

    def __init__(
        self, keeper: TableKeeper, reconciler: Reconciler, addresses: AddressKeeper, events: EventLog
    ) -> None:
        self.keeper, self.reconciler, self.addresses, self.events = keeper, reconciler, addresses, events
        self.trouble = ""

    async def round(self, config: Config = CONFIG) -> None:
        self.trouble = ""
        try:
            if self.reconciler.applied_config is config:
                await self.reconciler.repair(self.keeper, config)
            else:
                await self.reconciler.apply(self.keeper, config)
        except SURVIVED as failed:
            self.trouble = str(failed)

    @property
    def remained(self) -> list[str]:
        return self.reconciler.applied["remained"] if self.reconciler.applied else []

    def told(self, *kinds: str) -> list[tuple[str, str]]:
        """Return the events of these kinds, each with its target."""
        return [(event["kind"], event["target"]) for event in self.events.events() if event["kind"] in kinds]

    def services(self) -> set[str]:
        """Return the addresses of the services that the kernel has."""
        with IPVS() as other:
            return {str(key.address) for key in other.read()[0]}

    @staticmethod
    def up() -> set[str]:
        """Return which of the virtual IPs are up."""
        shown = ip("address show dev eth0")
        return {address for address in ALL if f" {address}/" in shown}

    def is_whole(self) -> bool:
        return self.services() == self.up() == set(ALL) and not self.remained and not self.trouble


@asynccontextmanager
async def running(
    directory: Path, table: Failpoint = NEVER, addresses: Failpoint = NEVER
) -> AsyncIterator[Running]:
    directory.mkdir(exist_ok=True)
    memory, events = OwnedState(directory), EventLog()
    requests = AddressRequests(addresses.socket)
    health = HealthKeeper(Prober(Programs(directory, "nobody")), lambda: None, events)
    with (
        IPVS(table.socket) as ipvs,
        AddressKeeper(Addresses(Interfaces(), requests), memory, events) as keeper,
    ):
        pair = PairKeeper(directory, keeper, memory, events, health.first_results, lambda: None)
        yield Running(TableKeeper(ipvs, memory), Reconciler(health, keeper, pair, events), keeper, events)
        await health.stop()
