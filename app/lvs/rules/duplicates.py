"""Rules about the real servers of one virtual server together."""

from collections.abc import Iterator, Mapping, Sequence

from app.lvs.desired.table import destination_key, forwarding, service_key
from app.lvs.ipvs.table import DestinationKey, ServiceKey
from app.lvs.keywords.table import effective
from app.lvs.model.address_kinds import is_same, meaning, unwrapped
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.model.values import Address


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
                f"{server.address} is already the address of server '{virtual.server[other].name}' of this "
                "virtual server: the kernel holds one entry per address and port. Change the address, or "
                "deactivate one of the two.",
            )


def server_numbers(virtual: VirtualServer) -> frozenset[int]:
    """Return the addresses of the servers of `virtual` as numbers, for `together_problems`."""
    return frozenset(int(unwrapped(server.address)) for server in virtual.server if server.address is not None)


def running_key(virtual: VirtualServer) -> ServiceKey | None:
    """Return what identifies `virtual` in the kernel, for `together_problems`; None when it is not to run."""
    return service_key(virtual) if virtual.active else None


def together_problems(
    config: Config, numbers: Sequence[frozenset[int]], keys: Sequence[ServiceKey | None]
) -> Iterator[Problem]:
    """Yield what is wrong between the active blocks of `config`, with `server_numbers` and `running_key` of each.

    They are handed in, as whoever judges again and again has them of all but the one that changed.
    """
    yield from _key_problems(config, keys)
    yield from _role_problems(config, numbers)
    yield from _shared_address_problems(config)


def _key_problems(config: Config, keys: Sequence[ServiceKey | None]) -> Iterator[Problem]:
    first: dict[ServiceKey, int] = {}
    for index, (virtual, key) in enumerate(zip(config.virtual, keys, strict=True)):
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
                f"Firewall mark {key.fwmark} is already used by '{other}': the kernel holds one service per mark, "
                f"so '{virtual.name}' is not run. Give it a different mark, or add its servers to '{other}'.",
            )
        else:
            yield Problem(
                Severity.ERROR,
                (*path, "port"),
                f"{key.transport.name} port {key.port} of {key.address} is already used by '{other}': the kernel "
                "holds one service per address, protocol and port. Change one of them, or deactivate "
                "one of the services.",
            )


def _role_problems(config: Config, numbers: Sequence[frozenset[int]]) -> Iterator[Problem]:
    owners: dict[int, VirtualServer] = {}
    for virtual in sorted(config.virtual, key=lambda virtual: not virtual.active):
        if virtual.address is not None and int(virtual.address.address):
            owners.setdefault(int(unwrapped(virtual.address.address)), virtual)
    for index, virtual in enumerate(config.virtual):
        # Numbers, as hashing ten thousand addresses takes longer than all other rules.
        if not owners.keys().isdisjoint(numbers[index]):
            yield from _owned_problems(virtual, index, owners)


def _owned_problems(virtual: VirtualServer, index: int, owners: Mapping[int, VirtualServer]) -> Iterator[Problem]:
    for place, server in enumerate(virtual.server):
        address = server.address
        owner = owners.get(int(unwrapped(address))) if address is not None else None
        if (
            address is None
            or owner is None
            or owner.address is None
            or not is_same(owner.address.address, address)
        ):
            continue
        runs = owner.active and virtual.active and server.active
        yield Problem(
            Severity.ERROR if runs else Severity.WARNING,
            ("virtual", index, "server", place, "address"),
            f"{meaning(address)} is the Virtual IP Address of '{owner.name}': packets would loop. Use the "
            "real server's own address here.",
        )


def _shared_address_problems(config: Config) -> Iterator[Problem]:
    first: dict[Address, VirtualServer] = {}
    for index, virtual in enumerate(config.virtual):
        if not virtual.active or virtual.address is None:
            continue
        vip = virtual.address
        known = first.setdefault(vip.address, virtual)
        if known is virtual:
            continue
        if known.address != vip or known.vip_nmask != virtual.vip_nmask:
            yield Problem(
                Severity.WARNING,
                ("virtual", index, "address"),
                f"{vip.address} is brought up once, with the device and mask of '{known.name}'. The device and "
                "mask given here have no effect; make them the same.",
            )
