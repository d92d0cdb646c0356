"""Rules about one real server within its virtual server."""

from collections.abc import Iterator

from app.lvs.checks.from_config import chosen_kind
from app.lvs.desired.table import family_of, forwarding, service_key
from app.lvs.ipvs.table import Family
from app.lvs.keywords.table import effective
from app.lvs.model.address_kinds import is_same, meaning, no_server_kind
from app.lvs.model.admin_state import parse_until
from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.printable import shown
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.model.values import Address, AdminState, Network, TunnelType
from app.lvs.rules.global_settings import disguise_problems

_METHOD_WORDS = {Network.NAT: "NAT", Network.DIRECT: "direct routing", Network.TUNNEL: "tunnelling"}


def server_problems(config: Config, virtual: VirtualServer, server: RealServer, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with `server`."""
    if not server.name:
        yield Problem(Severity.ERROR, (*path, "name"), "The name is empty: give the real server a name.")
    method = forwarding(virtual, server, effective(config, "network"))
    yield from _address_problems(virtual, server, method, path)
    yield from _port_problems(virtual, server, method, path)
    if server.weight == 0:
        yield Problem(
            Severity.WARNING,
            (*path, "weight"),
            "Weight 0: the server gets no new connections (Piranha used weight 1 instead). Persistent clients "
            "still reach it. Deactivate it to take it out of rotation, or set a weight of 1 or more.",
        )
    yield from _threshold_problems(server, path)
    yield from _check_problems(virtual, server, path)
    yield from _admin_problems(server, path)
    yield from _tunnel_problems(server, method, path)


def _address_problems(
    virtual: VirtualServer, server: RealServer, method: Network, path: Path
) -> Iterator[Problem]:
    where = (*path, "address")
    address = server.address
    if address is None or not int(address):
        if server.active:
            yield Problem(
                Severity.ERROR,
                where,
                "The address is not set (0.0.0.0): an active real server requires one. Set it, "
                "or deactivate the server.",
            )
        return
    if kind := no_server_kind(address):
        yield Problem(
            Severity.ERROR,
            where,
            f"The address {meaning(address)} is a {kind} address: use the server's own address.",
        )
    yield from disguise_problems(address, where)
    if service_key(virtual) is not None:
        yield from _family_problems(family_of(virtual), address, method, where)


def _family_problems(family: Family, address: Address, method: Network, where: Path) -> Iterator[Problem]:
    if family != address.version and method is not Network.TUNNEL:
        yield Problem(
            Severity.ERROR,
            where,
            f"The address {address} is IPv{address.version} and the service is IPv{family:d}, like its virtual IP "
            f"(a firewall mark alone is IPv4): {_METHOD_WORDS[method]} requires the same address family; only "
            "tunnelling can mix them.",
        )


def _port_problems(virtual: VirtualServer, server: RealServer, method: Network, path: Path) -> Iterator[Problem]:
    port = effective(virtual, "port")
    if server.port is None or method is Network.NAT or virtual.fwmark or server.port == port:
        return
    yield Problem(
        Severity.WARNING,
        (*path, "port"),
        f"Port {server.port} has no effect: with {_METHOD_WORDS[method]} packets reach the server on the virtual "
        f"server's port {port}, unchanged. Leave it blank, or use NAT.",
    )


def _threshold_problems(server: RealServer, path: Path) -> Iterator[Problem]:
    upper, lower = effective(server, "upper_threshold"), effective(server, "lower_threshold")
    if lower > upper:
        yield Problem(
            Severity.ERROR,
            (*path, "lower_threshold"),
            f"The lower threshold {lower} is above the upper threshold {upper}: it must be from 0 to {upper}.",
        )


def _tunnel_problems(server: RealServer, method: Network, path: Path) -> Iterator[Problem]:
    is_gue = effective(server, "tunnel_type") is TunnelType.GUE
    if method is Network.TUNNEL and is_gue and server.tunnel_port is None:
        yield Problem(
            Severity.ERROR,
            (*path, "tunnel_port"),
            "A gue tunnel requires the UDP port the server listens on: set Tunnel port, such as 6080.",
        )
    if method is Network.TUNNEL and not is_gue and server.tunnel_port is not None:
        yield Problem(
            Severity.WARNING,
            (*path, "tunnel_port"),
            "The tunnel port has no effect: only gue tunnels use one.",
        )


def _check_problems(virtual: VirtualServer, server: RealServer, path: Path) -> Iterator[Problem]:
    kind = chosen_kind(virtual)
    address, where = server.check_address, (*path, "check_address")
    if address is not None:
        unusable = "unset" if not int(address) else no_server_kind(address)
        if unusable:
            yield Problem(
                Severity.ERROR,
                where,
                f"The Check address {meaning(address)} is {unusable}: use an address the server answers on, or "
                "clear it.",
            )
        elif virtual.address is not None and is_same(address, virtual.address.address):
            yield Problem(
                Severity.WARNING,
                where,
                f"The Check address {address} is the Virtual IP Address, where something other than this server "
                "answers. Use an address of the server.",
            )
    if server.check_port and kind in (None, CheckKind.PING):
        why = "ping checks a host, not a port" if kind else "the first check of the servers has no port"
        yield Problem(Severity.WARNING, (*path, "check_port"), f"It has no effect: {why}. Clear it.")


def _admin_problems(server: RealServer, path: Path) -> Iterator[Problem]:
    if server.admin_until and parse_until(server.admin_until) is None:
        yield Problem(
            Severity.ERROR,
            (*path, "admin_until"),
            f"Until is {shown(server.admin_until)}: it must be a time in UTC, such as 2026-01-31T22:00Z.",
        )
    if server.admin_state in (None, AdminState.READY):
        for name in ("admin_until", "admin_reason"):
            if getattr(server, name):
                yield Problem(
                    Severity.WARNING,
                    (*path, name),
                    "It has no effect: the Administrative state is ready. Select drain or "
                    "maintenance, or clear it.",
                )
