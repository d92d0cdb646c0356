"""Which machines a message may be sent to: asked when lvs.cf names one, and again for what a name resolves to."""

from ipaddress import ip_address

from app.lvs.model.address_kinds import carried, is_loopback, literal_address, meaning, unusable_kind
from app.lvs.model.values import Address

METADATA = frozenset(
    ip_address(text)
    for text in (
        *("100.100.100.200", "168.63.129.16", "192.0.0.192"),
        *("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"),
    )
)
"""Where clouds answer their own machines with credentials, besides the link-local addresses."""
_NAMES_OF_THIS_MACHINE = ("localhost", "localhost.localdomain", "ip6-localhost")


def why_not_to(address: Address, *, is_local_meant: bool) -> str:
    """Return why no message is sent to `address`, to end a sentence; empty: nothing is against it.

    `is_local_meant`: the host was written as one of this machine, so that a loopback address is no surprise.
    """
    kind = unusable_kind(address) if int(address) else "reserved"
    if is_loopback(address):
        return "" if is_local_meant else f"{address} is this machine itself; a relay here is written 127.0.0.1"
    if kind:
        return f"{meaning(address)} is a {kind} address, to which no message is sent"
    if not METADATA.isdisjoint((address, *carried(address))):
        return f"{meaning(address)} answers machines in a cloud with credentials; no message is sent to it"
    return ""


def is_this_machine(host: str) -> bool:
    """Return whether `host` is written as a loopback address or as localhost."""
    literal = literal_address(host)
    if literal is not None:
        return is_loopback(literal)
    name = host.rstrip(".").lower()
    return name in _NAMES_OF_THIS_MACHINE or name.endswith(".localhost")
