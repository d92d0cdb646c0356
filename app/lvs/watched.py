"""The real servers that are judged: which check each has, its rules, its state; values for `judgement.py`."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.lvs.check import Check, Outcome, Result
from app.lvs.check_choice import check_of
from app.lvs.config import RealServer, VirtualServer
from app.lvs.desired import destination_key, forwarding, service_key
from app.lvs.health import Rules, Standing, State, unknown
from app.lvs.keywords import effective
from app.lvs.presence import Presence
from app.lvs.table import DestinationKey, ServiceKey, Table
from app.lvs.values import Network

Place = tuple[ServiceKey, DestinationKey]
"""What a server's state is found again by when the configuration changes: its entry in the kernel."""


@dataclass(slots=True)
class WatchedServer:
    """A real server that is judged. `check` None: nothing can be asked, it counts as up."""

    place: Place
    server: RealServer
    check: Check | None
    rules: Rules
    state: State
    last: Result | None = None
    last_at: float | None = None

    @property
    def is_answered(self) -> bool:
        """Whether the last result shows that the way to the server works."""
        return self.last is not None and self.last.is_reached

    @property
    def is_asked(self) -> bool:
        """Whether its results count: it has a check, and the director was able to run it."""
        return self.check is not None and (self.last is None or self.last.outcome is not Outcome.NOT_RUN)

    @property
    def notice_s(self) -> float:
        """How long its check may take to find that the server has failed."""
        return self.rules.fall * self.check.interval_s + self.check.limit_s if self.check else 0.0


@dataclass(slots=True)
class WatchedVirtual:
    """An active virtual server: its servers in file order, None for those that are inactive.

    `sorry_was_in` is what the kernel held when we came, and holds until its servers have answered or failed.
    """

    key: ServiceKey
    virtual: VirtualServer
    network: Network
    servers: tuple[WatchedServer | None, ...]
    sorry_was_in: bool
    presence: Presence = field(default=Presence(()))

    def decide(self) -> None:
        """Set `presence` anew."""
        servers = [server for server in self.servers if server is not None]
        serving = any(one.state.is_in and effective(one.server, "weight") > 0 for one in servers)
        is_pending = any(one.state.standing is Standing.UNKNOWN and one.last is None for one in servers)
        sorry = self.virtual.sorry_server is not None and not serving and (self.sorry_was_in or not is_pending)
        self.sorry_was_in = sorry
        is_in = tuple(server is not None and server.state.is_in for server in self.servers)
        self.presence = Presence(is_in, sorry)


def watch(
    virtual: VirtualServer, network: Network, known: dict[Place, WatchedServer], table: Table, now: float
) -> WatchedVirtual | None:
    """Return `virtual` to be judged: a server of `known` keeps its state, a new one takes the kernel's word.

    None: it has no usable address.
    """
    key = service_key(virtual)
    if key is None:
        return None
    there = table.get(key)
    weights = {destination.key: destination.weight for destination in there.destinations} if there else {}
    servers = tuple(_servers(virtual, network, key, known, weights, now))
    sorry = virtual.sorry_server is not None and any(at.address == virtual.sorry_server for at in weights)
    watched = WatchedVirtual(key, virtual, network, servers, sorry)
    watched.decide()
    return watched


def rules_of(virtual: VirtualServer) -> Rules:
    """Return the rules lvs.cf gives for the servers of `virtual`."""
    return Rules(effective(virtual, "reentry"), effective(virtual, "fall"), virtual.rise)


def _servers(
    virtual: VirtualServer,
    network: Network,
    service: ServiceKey,
    known: dict[Place, WatchedServer],
    weights: dict[DestinationKey, int],
    now: float,
) -> Iterator[WatchedServer | None]:
    rules = rules_of(virtual)
    for server in virtual.server:
        if not server.active or server.address is None:
            yield None
            continue
        method = forwarding(virtual, server, network)
        place = (service, destination_key(server, server.address, service, method))
        check = check_of(virtual, server, network)
        before = known.get(place)
        if before is not None and (before.check is None) == (check is None):
            yield WatchedServer(place, server, check, rules, before.state, before.last, before.last_at)
            continue
        weight = weights.get(place[1])
        # A server that was quiesced has weight 0 in the kernel, and is no more in than one that is not there.
        is_quiesced = weight == 0 and bool(virtual.quiesce_server) and effective(server, "weight") > 0
        is_in = check is None or (weight is not None and not is_quiesced)
        yield WatchedServer(place, server, check, rules, unknown(is_in, now))
