"""Rules about the real servers of one virtual server together."""

from collections.abc import Iterator

from app.lvs.desired.table import destination_key, forwarding, service_key
from app.lvs.ipvs.table import DestinationKey
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.problem import Path, Problem, Severity


def servers_problems(config: Config, virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    """Yield what is wrong between the active servers of `virtual`, which stands at `path`."""
    network = effective(config, "network")
    service = service_key(virtual) if virtual.active else None
    if service is None:
        return
    first: dict[DestinationKey, int] = {}
    for place, server in enumerate(virtual.server):
        if not server.active or server.address is None or not int(server.address):
            continue
        key = destination_key(server, server.address, service, forwarding(virtual, server, network))
        other = first.setdefault(key, place)
        if other != place:
            yield Problem(
                Severity.ERROR,
                (*path, "server", place, "address"),
                f"{server.address} is the server '{virtual.server[other].name}' of this virtual server already: "
                "the kernel has one entry per address and port. Change the address, or deactivate one of the two.",
            )
