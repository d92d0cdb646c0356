"""What works otherwise on this machine than lvs.cf says.

Interfaces by their other names, IPv6 that is off, and checks that no server can answer.
"""

from collections.abc import Iterator

from app.lvs.model.config import Config
from app.lvs.model.machine import Machine
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.model.values import Floating
from app.lvs.rules.health_check import departure_problems


def machine_warnings(config: Config, machine: Machine) -> Iterator[Problem]:
    """Yield a warning for each virtual IP of `config` that `machine` has under another name, or not at all.

    Also for servers without NAT whose checks would leave from the virtual IP.
    """
    for index, virtual in enumerate(config.virtual):
        if virtual.active and virtual.address is not None:
            path = ("virtual", index)
            yield from floating_warnings(virtual.address, (*path, "address"), machine)
            # An interface with an address may be that of another machine than the one the file is meant for.
            if not own_on(virtual.address, machine):
                yield from departure_problems(config, virtual, path, machine)
    if config.nat_router is not None:
        yield from floating_warnings(config.nat_router, ("nat_router",), machine)


def own_on(floating: Floating, machine: Machine) -> bool:
    """Return whether the interface of `floating` is not here, or has an address of its own."""
    word = floating.interface
    return not machine.has(word) or bool(machine.devices.get(machine.other_names.get(word, word)))


def floating_warnings(floating: Floating, where: Path, machine: Machine) -> Iterator[Problem]:
    """Yield the warnings about one address and its device."""
    word = floating.interface
    if (name := machine.other_names.get(word)) is not None:
        yield Problem(
            Severity.WARNING,
            (*where, "device"),
            f"The device {word} is another name of {name} on this machine, and is used as that: write {name}, so "
            "that it has one name everywhere.",
        )
    reasons = machine.without_ipv6
    if floating.address.version == 6 and (why := reasons.get("") or reasons.get(word)):
        yield Problem(
            Severity.WARNING,
            where,
            f"{floating.address} cannot be served by this machine: {why}.",
        )
