"""Rules about how the real servers of one virtual server are checked, and about its sorry server."""

from collections.abc import Iterator
from ipaddress import ip_interface

from app.lvs.checks.from_config import chosen_kind
from app.lvs.checks.origin import own_source
from app.lvs.desired.table import forwarding
from app.lvs.keywords.table import effective
from app.lvs.model.address_kinds import is_same, meaning, no_server_kind
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.machine import Machine
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.model.values import Address, Network, Protocol, prefix_length
from app.lvs.rules.additional_checks import also_problems
from app.lvs.rules.check_path import path_problems
from app.lvs.rules.check_request import pattern_problems, request_problems
from app.lvs.rules.global_settings import disguise_problems


def check_problems(
    config: Config, virtual: VirtualServer, path: Path, machine: Machine | None
) -> Iterator[Problem]:
    """Yield what is wrong with the checks of `virtual` and with its sorry server."""
    yield from request_problems(virtual, path)
    if virtual.check is None and virtual.send_program:
        yield from _program_problems(virtual, path)
    elif virtual.check is None:
        yield from _exchange_problems(virtual, path)
    yield from path_problems(virtual, path, machine)
    if machine is not None:
        yield from departure_problems(config, virtual, path, machine)
    if virtual.also_check or virtual.check_need is not None:
        yield from also_problems(config, virtual, path, machine)
    yield from _sorry_problems(config, virtual, path)


def departure_problems(config: Config, virtual: VirtualServer, path: Path, machine: Machine) -> Iterator[Problem]:
    """Yield a problem when checks would leave from the virtual IP, which the servers have themselves.

    Also when pulse has them leave from an address in another network instead, to which they may not find back.
    """
    shared = virtual.address
    length = prefix_length(virtual.vip_nmask, shared.address) if shared is not None else None
    # The kernel does not choose an IPv6 address that pulse brought up as a source.
    if shared is None or length is None or shared.address.version != 4 or chosen_kind(virtual) is None:
        return
    if virtual.check_source is not None or virtual.check_interface is not None:
        return
    network = ip_interface(f"{shared.address}/{length}").network
    own = own_source(virtual, machine)
    if own is not None and own in network:
        return
    method = effective(config, "network")
    for server in virtual.server:
        target = server.check_address or server.address
        if target in network and server.active and forwarding(virtual, server, method) is not Network.NAT:
            where = f"as this machine has no other address in {network}"
            message = (
                f"Checks of {target} leave from the virtual IP {shared.address} itself, {where}; without NAT the "
                "server has that address too, so no check is ever answered."
                if own is None
                else f"Checks of {target} leave from {own}, {where}; they are answered only if the server has a "
                "route back to that."
            )
            advice = f"Give {shared.interface} an address of its own in {network}, or set Check source."
            yield Problem(Severity.WARNING, (*path, "check_source"), f"{message} {advice}")
            return


def _program_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    yield Problem(
        Severity.WARNING,
        (*path, "send_program"),
        "A program that exits with an error counts as a failed check; Piranha counted the server as up. The "
        "program is looked up by name in the check directory (PALOMETA_CHECK_DIRECTORY), where root must "
        "install it.",
    )
    if virtual.expect is None:
        yield Problem(
            Severity.WARNING,
            (*path, "expect"),
            "Without Expect, only the exit status of the Sending Program counts: 0 is up. In Piranha such a check "
            "always failed.",
        )


def _exchange_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    protocol = effective(virtual, "protocol")
    if protocol is Protocol.UDP and virtual.expect is None:
        yield Problem(
            Severity.WARNING,
            (*path, "expect"),
            "A UDP service without Expect cannot be checked, and its servers count as up: UDP has no connection "
            "to test, and Piranha's checker crashed on it. Set Send and Expect, or a Sending Program.",
        )
    if protocol is Protocol.UDP and virtual.expect is not None and not virtual.send:
        yield Problem(
            Severity.WARNING,
            (*path, "send"),
            "Send is not set. A UDP server answers only what it receives, so every check will fail. Set Send.",
        )
    yield from pattern_problems(virtual, path)


def _sorry_problems(config: Config, virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    sorry, vip = virtual.sorry_server, virtual.address.address if virtual.address else None
    method = virtual.network or effective(config, "network")
    yield from _sorry_port_problems(virtual, method, path)
    if sorry is not None and int(sorry):
        yield from _sorry_address_problems(sorry, (*path, "sorry_server"))
    if sorry is None or vip is None or not int(vip):
        return
    if is_same(sorry, vip):
        yield Problem(
            Severity.ERROR,
            (*path, "sorry_server"),
            f"The Sorry Server {meaning(sorry)} is the Virtual IP Address itself, so packets would loop. Use "
            "another address.",
        )
    if sorry.version != vip.version and method is not Network.TUNNEL:
        yield Problem(
            Severity.ERROR,
            (*path, "sorry_server"),
            f"The Sorry Server {sorry} is IPv{sorry.version} and the virtual IP {vip} is IPv{vip.version}: use "
            "the same address family, or tunnelling.",
        )


def _sorry_address_problems(sorry: Address, where: Path) -> Iterator[Problem]:
    if kind := no_server_kind(sorry):
        yield Problem(
            Severity.ERROR,
            where,
            f"The Sorry Server {meaning(sorry)} is a {kind} address: use the address of a machine that answers "
            "clients, or 127.0.0.1 for this router.",
        )
    yield from disguise_problems(sorry, where)


def _sorry_port_problems(virtual: VirtualServer, method: Network, path: Path) -> Iterator[Problem]:
    if virtual.sorry_port is None:
        return
    if virtual.sorry_server is None:
        yield Problem(
            Severity.WARNING,
            (*path, "sorry_port"),
            "It has no effect: there is no Sorry Server. Set its address, or clear this field.",
        )
    elif method is not Network.NAT and virtual.sorry_port != effective(virtual, "port"):
        yield Problem(
            Severity.WARNING,
            (*path, "sorry_port"),
            "It has no effect: without NAT, packets reach the sorry server on the port of the service. Have it "
            "listen on that port, or use NAT.",
        )
