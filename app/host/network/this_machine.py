"""This machine as seen without netlink: what its interfaces are called, and which IPv4 addresses are its own."""

import socket
from collections.abc import Collection, Iterable, Iterator

from app.host.network.ipv6 import NO_IPV6, disabling_sysctl, has_ipv6
from app.host.network.own_ipv4 import ipv4_addresses
from app.lvs.model.machine import Machine
from app.lvs.model.values import Address


def machine_with(words: Iterable[str], floating: Collection[Address]) -> Machine:
    """Return what is known of the interfaces that `words` name here; one that is not here is left out.

    Their addresses are the IPv4 ones without those in `floating`, the ones that pulse brings up.
    """
    names = dict(_names(words))
    off = {word: sysctl for word, name in names.items() if (sysctl := disabling_sysctl(name))}
    without_ipv6 = {word: f"IPv6 is switched off on {names[word]} by {sysctl} = 1" for word, sysctl in off.items()}
    return Machine(
        {**dict.fromkeys(names.values(), frozenset()), **own_addresses(floating)},
        other_names={word: name for word, name in names.items() if word != name},
        without_ipv6=without_ipv6 if has_ipv6() else {"": NO_IPV6},
    )


def own_addresses(floating: Collection[Address]) -> dict[str, frozenset[Address]]:
    """Return the IPv4 addresses of each interface, without those in `floating`."""
    return {name: addresses.difference(floating) for name, addresses in ipv4_addresses().items()}


def _names(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        try:
            yield word, socket.if_indextoname(socket.if_nametoindex(word))
        except (OSError, ValueError):
            # It is not here: the file may be meant for another machine.
            continue
