"""The address from which the checks of a target leave, and whether answers can come back to it."""

import socket
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_address

from app.host.network.this_machine import machine_with
from app.host.probes.transport.attempt import CannotAsk
from app.host.probes.transport.sockets import bind
from app.lvs.checks.check import Check
from app.lvs.checks.origin import CheckOrigin, own_source
from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.values import Address

_ANY_PORT = 9
_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}


def departing(check: Check, origin: CheckOrigin, floating: Collection[Address] = ()) -> Check:
    """Return `check` as it can be answered: from an own address where it would leave from a virtual IP.

    The kernel's source for a network is the first address it was given there: the virtual IP, where that came up
    before another. `floating` are virtual IPs that `origin` does not know. A program chooses its source itself.
    Asked before each run, as addresses come and go.
    """
    if check.source is not None or check.address.version != 4 or not origin.shared:
        return check
    if check.kind is CheckKind.PROGRAM:
        return check
    leaving = leaving_address(check)
    virtual = origin.serving_at(leaving) if leaving in origin.shared else None
    if virtual is None or virtual.address is None:
        return check
    words = {virtual.address.interface, check.interface} - {""}
    own = own_source(virtual, machine_with(words, {*origin.floating, *floating}), check.interface)
    return check if own is None else replace(check, source=own)


def why_unanswered(check: Check, origin: CheckOrigin) -> str:
    """Return the director's own reason why no answer to `check` can come back; empty without one.

    A server that has the virtual IP itself takes a packet from it for its own, and drops it.
    """
    if not origin.shared:
        return ""
    leaving = leaving_address(check)
    if leaving is None or leaving not in origin.shared:
        return ""
    return (
        f"the check leaves from the virtual IP {leaving} itself, which servers without NAT have as well, so no "
        "answer comes back: give the interface an address of its own in that network, or set Check source"
    )


def leaving_address(check: Check) -> Address | None:
    """Return the source address of the packets of `check`, as the kernel's routes have it; nothing is sent."""
    with suppress(OSError, CannotAsk), socket.socket(_FAMILY[check.address.version], socket.SOCK_DGRAM) as asking:
        bind(asking, check)
        asking.connect((str(check.address), check.port or _ANY_PORT))
        return ip_address(asking.getsockname()[0])
    return None
