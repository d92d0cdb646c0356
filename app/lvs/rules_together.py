"""Rules about several servers together: keys used twice, addresses in two roles."""

from collections.abc import Iterator

from app.lvs.config import Config, VirtualServer
from app.lvs.desired import destination_key, forwarding, service_key
from app.lvs.keywords import effective
from app.lvs.problem import Path, Problem, Severity
from app.lvs.table import DestinationKey, ServiceKey
from app.lvs.values import Address


def together_problems(config: Config) -> Iterator[Problem]:
    """Yield what is wrong between the active blocks of `config`."""
    yield from _key_problems(config)
    yield from _server_key_problems(config)
    yield from _role_problems(config)
    yield from _shared_address_problems(config)


def _key_problems(config: Config) -> Iterator[Problem]:
    first: dict[ServiceKey, int] = {}
    for index, virtual in enumerate(config.virtual):
        key = service_key(virtual) if virtual.active else None
        if key is None:
            continue
        other_index = first.setdefault(key, index)
        if other_index == index:
            continue
        other = config.virtual[other_index].name
        path: Path = ("virtual", index)
        if key.fwmark:
            yield Problem(
                Severity.WARNING,
                (*path, "fwmark"),
                f"Firewall mark {key.fwmark} is used by '{other}' already: the kernel has one service per mark, "
                f"so '{virtual.name}' is not run. Give it a mark of its own, or add its servers to '{other}'.",
            )
        else:
            yield Problem(
                Severity.ERROR,
                (*path, "port"),
                f"{key.transport.name} port {key.port} of {key.address} is used by '{other}' already: the kernel "
                "has one service per address, protocol and port. Change one of them, or deactivate one service.",
            )


def _server_key_problems(config: Config) -> Iterator[Problem]:
    network = effective(config, "network")
    for index, virtual in enumerate(config.virtual):
        service = service_key(virtual) if virtual.active else None
        if service is None:
            continue
        first: dict[DestinationKey, int] = {}
        for place, server in enumerate(virtual.server):
            if not server.active or server.address is None or not int(server.address):
                continue
            key = destination_key(server, server.address, service, forwarding(virtual, server, network))
            other = first.setdefault(key, place)
            if other != place:
                yield Problem(
                    Severity.ERROR,
                    ("virtual", index, "server", place, "address"),
                    f"{server.address} is the server '{virtual.server[other].name}' of this virtual server "
                    "already: the kernel has one entry per address and port. Change the address, or deactivate "
                    "one of the two.",
                )


def _role_problems(config: Config) -> Iterator[Problem]:
    owners: dict[Address, VirtualServer] = {}
    for virtual in sorted(config.virtual, key=lambda virtual: not virtual.active):
        if virtual.address is not None and int(virtual.address.address):
            owners.setdefault(virtual.address.address, virtual)
    for index, virtual in enumerate(config.virtual):
        for place, server in enumerate(virtual.server):
            owner = owners.get(server.address) if server.address is not None else None
            if owner is not None:
                runs = owner.active and virtual.active and server.active
                yield Problem(
                    Severity.ERROR if runs else Severity.WARNING,
                    ("virtual", index, "server", place, "address"),
                    f"{server.address} is the Virtual IP Address of '{owner.name}': packets would go round in a "
                    "circle. Use the real server's own address here.",
                )


def _shared_address_problems(config: Config) -> Iterator[Problem]:
    first: dict[Address, VirtualServer] = {}
    for index, virtual in enumerate(config.virtual):
        if not virtual.active or virtual.address is None:
            continue
        vip = virtual.address
        known = first.setdefault(vip.address, virtual)
        if known.address != vip or known.vip_nmask != virtual.vip_nmask:
            yield Problem(
                Severity.WARNING,
                ("virtual", index, "address"),
                f"{vip.address} is brought up once, as '{known.name}' says. The device and mask given here have "
                "no effect; make them the same.",
            )
