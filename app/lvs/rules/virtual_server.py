"""Rules about one virtual server on its own."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from app.lvs.desired.table import family_of
from app.lvs.ipvs.table import Family
from app.lvs.keywords.table import effective
from app.lvs.model.address_kinds import is_same, meaning, unusable_kind, unwrapped
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.machine import Machine
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.model.schedulers import SchedulerFlag
from app.lvs.model.values import Floating, Prefix, Protocol, prefix_length
from app.lvs.rules.availability import availability_problems
from app.lvs.rules.global_settings import disguise_problems, floating_problems, mask_problems
from app.lvs.rules.health_check import check_problems
from app.lvs.rules.this_machine import floating_warnings


def virtual_problems(
    config: Config, virtual: VirtualServer, path: Path, machine: Machine | None
) -> Iterator[Problem]:
    """Yield what is wrong with `virtual`, its servers aside."""
    if not virtual.name:
        yield Problem(Severity.ERROR, (*path, "name"), "The name is empty: give the virtual server a name.")
    yield from _address_problems(config, virtual, path, machine)
    yield from _persistence_problems(virtual, path)
    yield from _scheduling_problems(virtual, path)
    yield from check_problems(config, virtual, path, machine)
    yield from availability_problems(virtual, path)


def _address_problems(
    config: Config, virtual: VirtualServer, path: Path, machine: Machine | None
) -> Iterator[Problem]:
    where = (*path, "address")
    vip = virtual.address
    if vip is None:
        if virtual.active and not virtual.fwmark:
            yield Problem(
                Severity.WARNING,
                where,
                "There is no Virtual IP Address: the virtual server is active but cannot run. Set the address, or "
                "deactivate the virtual server.",
            )
        return
    if not int(vip.address):
        if virtual.active:
            yield Problem(
                Severity.ERROR,
                where,
                "The Virtual IP Address is not set (0.0.0.0): an active virtual server requires one. Set it, or "
                "deactivate the virtual server.",
            )
        return
    address = vip.address
    if kind := unusable_kind(address):
        yield Problem(
            Severity.ERROR,
            where,
            f"The Virtual IP Address {meaning(address)} is a {kind} address, which clients cannot use. Use a "
            "unicast address of the network.",
        )
    yield from disguise_problems(address, where)
    yield from floating_problems(vip, where, "The device")
    yield from mask_problems(virtual.vip_nmask, vip, (*path, "vip_nmask"), "The Virtual IP Network Mask")
    yield from _owner_problems(config, vip, where)
    if machine is not None:
        yield from _machine_problems(vip, where, machine)
    if ":" not in vip.device and vip.device and address.version == 4:
        yield Problem(
            Severity.WARNING,
            (*where, "device"),
            f"The device {vip.device} has no alias part: Piranha would take the whole interface down with the "
            f"address. Palometa removes only the address; write {vip.device}:1 to be safe with both.",
        )


def _owner_problems(config: Config, vip: Floating, where: Path) -> Iterator[Problem]:
    for name in ("primary", "primary_private", "backup", "backup_private"):
        if is_same(getattr(config, name), vip.address):
            yield Problem(
                Severity.ERROR,
                where,
                f"The Virtual IP Address {vip.address} is a router's own address ({name}) and would be removed "
                "with the service. Use an address that is not in use.",
            )
    if config.nat_router is not None and is_same(config.nat_router.address, vip.address):
        yield Problem(
            Severity.ERROR,
            where,
            f"The Virtual IP Address {vip.address} is also the NAT Router IP: use a different address for each.",
        )


def _machine_problems(vip: Floating, where: Path, machine: Machine) -> Iterator[Problem]:
    yield from floating_warnings(vip, where, machine)
    if vip.interface and not machine.has(vip.interface):
        there = ", ".join(sorted(machine.devices)) or "none"
        yield Problem(
            Severity.ERROR,
            (*where, "device"),
            f"The device {vip.interface} does not exist on this machine, which has: {there}. Use one of them, "
            f"such as {next(iter(sorted(machine.devices)), 'eth0')}:1.",
        )
    owner = machine.owner_of(vip.address) or machine.owner_of(unwrapped(vip.address))
    if owner is not None and vip.address in machine.single:
        yield Problem(
            Severity.WARNING,
            where,
            f"The Virtual IP Address {vip.address} is already up on {owner}, and pulse did not add it: it is used "
            "as it is and stays when the service is removed, unless its label is an alias such as eth0:1.",
        )
    elif owner is not None:
        yield Problem(
            Severity.ERROR,
            where,
            f"The Virtual IP Address {vip.address} is this machine's own address on {owner} and would be removed "
            "with the service. Use an address that is not in use.",
        )


def _persistence_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    persistent = effective(virtual, "persistent")
    if not persistent and virtual.fwmark:
        yield Problem(
            Severity.WARNING,
            (*path, "persistent"),
            f"Firewall mark {virtual.fwmark} without persistence: related connections of one client (HTTP and "
            "HTTPS, FTP control and data) may reach different servers. Set Persistence, such as 300.",
        )
    if not persistent and not virtual.fwmark and effective(virtual, "port") == 0:
        yield Problem(
            Severity.ERROR,
            (*path, "port"),
            "The Application port is 0 (every port) without persistence, which the kernel rejects. Set "
            "Persistence, or a port from 1 to 65535.",
        )
    pmask = virtual.pmask
    if pmask is not None and not persistent and str(pmask) not in ("0.0.0.0", "255.255.255.255"):
        yield Problem(
            Severity.WARNING,
            (*path, "pmask"),
            "The Persistence Network Mask has no effect without Persistence: set a time, or leave it Unused.",
        )
    # A mark without an address is IPv4's: what counts is the family the kernel will know the service by.
    family = family_of(virtual)
    any_address = IPv6Address(0) if family is Family.IPV6 else IPv4Address(0)
    if isinstance(pmask, Prefix) and prefix_length(pmask, any_address) is None:
        yield Problem(
            Severity.ERROR,
            (*path, "pmask"),
            f"The Persistence Network Mask is {pmask}: it must be from /1 to /{any_address.max_prefixlen}.",
        )
    if pmask is not None and not isinstance(pmask, Prefix) and family is Family.IPV6:
        yield Problem(
            Severity.ERROR,
            (*path, "pmask"),
            f"The Persistence Network Mask is {pmask}: an IPv6 service requires a prefix length, such as /64.",
        )


def _scheduling_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    scheduler = effective(virtual, "scheduler")
    for flag in virtual.scheduler_flags or ():
        if flag.split("-")[0] != scheduler:
            yield Problem(
                Severity.ERROR,
                (*path, "scheduler_flags"),
                f"The scheduler flag {flag} belongs to the {flag.split('-')[0]} scheduler, and this service uses "
                f"{scheduler}: remove the flag or change the scheduler. Flags: {', '.join(SchedulerFlag)}.",
            )
    is_udp = effective(virtual, "protocol") is Protocol.UDP
    if virtual.one_packet and not is_udp and not virtual.fwmark:
        yield Problem(
            Severity.ERROR,
            (*path, "one_packet"),
            "One-packet scheduling works with UDP only: set the protocol to udp, or turn it off.",
        )
    engine = virtual.persistence_engine
    if engine and (engine != "sip" or not is_udp or not effective(virtual, "persistent")):
        yield Problem(
            Severity.ERROR,
            (*path, "persistence_engine"),
            f"The persistence engine is '{engine}': the only engine is sip, which requires protocol udp and "
            "Persistence. Otherwise leave it blank.",
        )
