"""Rules about the settings outside every block."""

import re
from collections.abc import Iterator

from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.printable import shown
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.model.values import Address, ClusterType, Floating, Netmask, Network, Prefix, prefix_length

ANNOUNCE_EVERY_MIN_S = 10
INTERFACE_MAX = 15
"""Longest interface name or address label Linux takes."""

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
    yield from floating_problems(router, ("nat_router",), "NAT Router device")
    yield from mask_problems(config.nat_nmask, router, ("nat_nmask",), "NAT Router netmask")


_ODD_FIRST_OCTETS = frozenset({0, 127, 169})
"""Among these, and from 224 on, are all IPv4 addresses no host can have."""


def unusable_kind(address: Address) -> str:
    """Return which kind of address no host can have `address` is; empty when a host can have it."""
    if address.version == 4 and (first := int(address) >> 24) not in _ODD_FIRST_OCTETS and first < 224:
        return ""
    if address.is_multicast:
        return "multicast"
    if address.is_loopback:
        return "loopback"
    if address.is_link_local:
        return "link-local"
    # Of IPv4 these are 0.0.0.0/8 and 240.0.0.0/4 with the broadcast address.
    return "reserved" if address.version == 4 and (int(address) >> 24 == 0 or address.is_reserved) else ""


def floating_problems(floating: Floating, path: Path, label: str) -> Iterator[Problem]:
    """Yield what is wrong with the device of `floating`, which stands at `path`."""
    device, where = floating.device, (*path, "device")
    if not device:
        yield Problem(Severity.ERROR, where, f"{label} is empty: name an interface, such as eth0:1.")
    elif (
        len(device) > INTERFACE_MAX or "/" in device or device.startswith((":", ".")) or device.split() != [device]
    ):
        yield Problem(
            Severity.ERROR,
            where,
            f"{label} is {shown(device)}: an interface name has at most {INTERFACE_MAX} characters and no blanks "
            "or slashes, such as eth0 or eth0:1.",
        )


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
