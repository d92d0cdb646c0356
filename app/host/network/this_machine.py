"""This machine as `palometa check` sees it, without pulse and without netlink: what its interfaces are called."""

import socket
from collections.abc import Iterable, Iterator

from app.host.network.ipv6 import NO_IPV6, disabling_sysctl, has_ipv6
from app.lvs.model.machine import Machine


def machine_with(words: Iterable[str]) -> Machine:
    """Return what is known of the interfaces that `words` name here; one that is not here is left out."""
    names = dict(_names(words))
    off = {word: sysctl for word, name in names.items() if (sysctl := disabling_sysctl(name))}
    without_ipv6 = {word: f"IPv6 is switched off on {names[word]} by {sysctl} = 1" for word, sysctl in off.items()}
    return Machine(
        {name: frozenset() for name in names.values()},
        other_names={word: name for word, name in names.items() if word != name},
        without_ipv6=without_ipv6 if has_ipv6() else {"": NO_IPV6},
    )


def _names(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        try:
            yield word, socket.if_indextoname(socket.if_nametoindex(word))
        except (OSError, ValueError):
            # It is not here: the file may be meant for another machine.
            continue
