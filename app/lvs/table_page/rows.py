"""The rows CONTROL/MONITORING can show: services and real servers, in the kernel or only configured.

Light on purpose: for a table of ten thousand servers they are rebuilt at every reading.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.lvs.ipvs.counters import Counters, DestinationCounters
from app.lvs.ipvs.service_names import address_text, service_name, service_text
from app.lvs.ipvs.table import Destination, DestinationKey, Service, ServiceKey
from app.lvs.model.values import Address

SERVER_STATES = (
    "up",
    "down",
    "held",
    "drain",
    "maintenance",
    "unknown",
    "stale",
    "unchecked",
    "idle",
    "missing",
    "off",
    "sorry",
    "foreign",
)
"""What a real server is: as its checks or an administrator say; ``held``: well, and kept out; ``idle``: well, and
at weight 0 in the kernel, which sends it nobody new; ``missing``: it ought to be in the kernel and is not;
``off``: it is deactivated; ``sorry``: the sorry server; ``foreign``: no configuration of ours named it."""

SERVICE_STATES = (
    *("up", "part", "down", "unknown", "standby", "unreachable"),
    *("empty", "missing", "off", "foreign"),
)
"""What a service is: all of its servers serve, some, none; none is known to; it is ready, but its virtual IP is on
the other router, or not up where it should be; it has none; or as for a server."""

SERVING = frozenset(("up", "unchecked"))
_NOT_KNOWN = frozenset(("unknown", "stale"))
_REACH = {"up": "up", "standby": "standby", "unknown": "unknown", "probing": "unknown"}
_SILENT = frozenset(("off", "sorry", "foreign"))


class ServerEntry(NamedTuple):
    """A real server of one service.

    `place` is its index in the configuration, None: not configured. `destination` and `counted` None: it is not in
    the kernel. `key` None: it is configured without an address.
    """

    name: str
    place: int | None
    key: DestinationKey | None
    destination: Destination | None
    counted: DestinationCounters | None
    state: str


class ServiceEntry(NamedTuple):
    """A service.

    `position` is its place in the configuration, None: not configured. `service` and `totals` None: it is not in
    the kernel. `key` None: it is configured without an address.
    """

    name: str
    position: int | None
    key: ServiceKey | None
    service: Service | None
    totals: Counters | None
    scheduler: str
    servers: Sequence[ServerEntry]
    state: str

    @property
    def up(self) -> int:
        """How many of its servers serve."""
        return sum(server.state in SERVING for server in self.servers)

    @property
    def of(self) -> int:
        """How many of its servers ought to."""
        return sum(server.state not in _SILENT for server in self.servers)


def reach_of(address: Address | None, states: Mapping[str, str]) -> str:
    """Return whether clients reach `address` here: ``up``, ``standby``, ``unreachable`` or ``unknown``.

    `states` are those of the virtual IPs by their texts. A service without an address is one of a firewall mark.
    """
    if address is None or not int(address):
        return "up"
    return _REACH.get(states.get(str(address), "unknown"), "unreachable")


def state_of_service(servers: Sequence[ServerEntry], reach: str) -> str:
    """Return the state of a service of ours that is in the kernel; up only if clients `reach` it."""
    state = _state_of_servers(servers)
    # Where no client gets through, it does not matter which of its servers would serve.
    is_told_by_reach = ("up", "part", "unknown") if reach == "unreachable" else ("up", "part")
    return reach if reach != "up" and state in is_told_by_reach else state


def _state_of_servers(servers: Sequence[ServerEntry]) -> str:
    states = [server.state for server in servers if server.state not in _SILENT]
    if not states:
        return "empty"
    serving = sum(state in SERVING for state in states)
    if serving == len(states):
        return "up"
    if serving:
        return "part"
    return "unknown" if any(state in _NOT_KNOWN for state in states) else "down"


def place_text(key: ServiceKey | None) -> str:
    """Return a service as ipvsadm names it, empty when it has no address yet."""
    return service_name(key) if key is not None else ""


def row_key(entry: ServiceEntry) -> str:
    """Return what a service is called in the address of a page: ``tcp 192.0.2.1:80``, or ``#4`` by its place."""
    if entry.service is None or entry.key is None:
        return f"#{entry.position}"
    return service_text(entry.key)


def host_text(server: ServerEntry) -> str:
    """Return the address of the machine, empty when it has none yet."""
    return address_text(server.key.address) if server.key is not None else ""
