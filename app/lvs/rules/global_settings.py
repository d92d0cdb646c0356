"""Rules about the settings outside every block."""

import re
from collections.abc import Iterator

from app.lvs.keywords.table import effective
from app.lvs.model.address_kinds import is_ipv4_in_disguise, meaning, unusable_kind, unwrapped
from app.lvs.model.config import Config
from app.lvs.model.printable import shown
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.model.values import Address, ClusterType, Floating, Netmask, Network, Prefix, prefix_length

ANNOUNCE_EVERY_MIN_S = 10
INTERFACE_MAX = 15
"""Longest interface name or address label Linux takes, in bytes."""

_PROGRAM = re.compile(r"[^\s/-][^\s/]*")


def global_problems(config: Config) -> Iterator[Problem]:
    """Yield what is wrong with the global settings of `config`."""
    if effective(config, "service") is ClusterType.FOS:
        yield Problem(
            Severity.WARNING,
            ("service",),
            "service is fos: failover services are kept but never run. Set it to lvs to run the virtual servers.",
        )
    if effective(config, "deadtime") <= effective(config, "keepalive"):
        yield Problem(
            Severity.WARNING,
            ("deadtime",),
            f"Assume dead after ({effective(config, 'deadtime')} s) is not longer than the heartbeat interval "
            f"({effective(config, 'keepalive')} s): the partner would be declared dead between two heartbeats. "
            "Make it at least three intervals long.",
        )
    for name in ("active_cmd", "inactive_cmd"):
        if getattr(config, name):
            yield Problem(
                Severity.WARNING,
                (name,),
                f"{name} is kept but not run: Palometa runs no command from lvs.cf as root.",
            )
    if 0 < effective(config, "announce_every") < ANNOUNCE_EVERY_MIN_S:
        yield Problem(
            Severity.WARNING,
            ("announce_every",),
            f"All virtual IPs are announced every {config.announce_every} s to every machine on their networks: "
            f"{ANNOUNCE_EVERY_MIN_S} s or more is enough; 0 turns this off.",
        )
    yield from _program_problems(config)
    yield from _nat_problems(config)


def _program_problems(config: Config) -> Iterator[Problem]:
    name = config.notify_program or ""
    if name and (_PROGRAM.fullmatch(name) is None or name in (".", "..")):
        yield Problem(
            Severity.ERROR,
            ("notify_program",),
            f"The Notification program is {shown(name)}: it must be the name of a file in the check directory "
            "(PALOMETA_CHECK_DIRECTORY), without slashes, blanks or arguments, such as notify.sh.",
        )


def _nat_problems(config: Config) -> Iterator[Problem]:
    if effective(config, "network") is not Network.NAT:
        return
    router = config.nat_router
    if router is None or not int(router.address):
        if any(virtual.active for virtual in config.virtual):
            yield Problem(
                Severity.WARNING,
                ("nat_router",),
                "The network type is NAT and no NAT Router IP is set: without a gateway on this router, replies "
                "of the real servers do not pass through it. Set one, or make sure the real "
                "servers already have one.",
            )
        return
    if kind := unusable_kind(router.address):
        yield Problem(
            Severity.ERROR,
            ("nat_router",),
            f"The NAT Router IP {meaning(router.address)} is a {kind} address, which no real server can use as "
            "its gateway. Use a unicast address of their network.",
        )
    yield from disguise_problems(router.address, ("nat_router",))
    yield from floating_problems(router, ("nat_router",), "NAT Router device")
    yield from mask_problems(config.nat_nmask, router, ("nat_nmask",), "NAT Router netmask")


def disguise_problems(address: Address, path: Path) -> Iterator[Problem]:
    """Yield a warning where `address`, which stands at `path`, is an IPv4 address written as IPv6."""
    if is_ipv4_in_disguise(address) and not unusable_kind(address):
        yield Problem(
            Severity.WARNING,
            path,
            f"{address} is the IPv4 address {unwrapped(address)} written as IPv6, and no IPv6 packet can have it: "
            f"write {unwrapped(address)}, or the machine's own IPv6 address.",
        )


def floating_problems(floating: Floating, path: Path, label: str) -> Iterator[Problem]:
    """Yield what is wrong with the device of `floating`, which stands at `path`."""
    device, where = floating.device, (*path, "device")
    if not device:
        yield Problem(Severity.ERROR, where, f"{label} is empty: name an interface, such as eth0:1.")
    elif not is_interface_name(floating.interface) or device.split() != [device] or "/" in device:
        yield Problem(
            Severity.ERROR,
            where,
            f"{label} is {shown(device)}: the name of an interface has at most {INTERFACE_MAX} bytes and no "
            "blanks or slashes, such as eth0, or eth0:1 with an alias.",
        )
    elif floating.address.version == 4 and ":" in device and _length(device) > INTERFACE_MAX:
        room = INTERFACE_MAX - _length(floating.interface) - 1
        accepted = f"at most {room} for the alias" if room > 0 else "no room for an alias"
        yield Problem(
            Severity.WARNING,
            where,
            f"{label} is {shown(device)}: Linux takes labels of at most {INTERFACE_MAX} bytes, which leaves "
            f"{accepted} of {floating.interface}. The address is brought up without a label; all else is as "
            "usual. Use a shorter alias to see it in 'ip addr'.",
        )


def is_interface_name(name: str) -> bool:
    """Return whether an interface can have `name`, which has no alias part."""
    if not 0 < _length(name) <= INTERFACE_MAX or name in (".", ".."):
        return False
    return not set("/:") & set(name) and name.split() == [name]


def _length(name: str) -> int:
    # What is no UTF-8 in lvs.cf is no reason to fail.
    return len(name.encode(errors="surrogatepass"))


def mask_problems(mask: Netmask | None, floating: Floating, path: Path, label: str) -> Iterator[Problem]:
    """Yield what is wrong with `mask` as the netmask of `floating`."""
    if mask is None or prefix_length(mask, floating.address) is not None:
        return
    if not isinstance(mask, Prefix) and not int(mask):
        return
    accepted = (
        "a prefix length from /1 to /128"
        if floating.address.version == 6
        else ("a contiguous mask such as 255.255.255.0, or a prefix length from /1 to /32")
    )
    yield Problem(
        Severity.ERROR, path, f"{label} is {mask}: for {floating.address}, use {accepted}, or none (Unused)."
    )
