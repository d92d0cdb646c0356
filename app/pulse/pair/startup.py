"""What a router waits for before it takes part in a pair: a complete table, and news of an existing owner."""

from collections.abc import Awaitable, Callable

from app.host.packets.neighbour_probe import ProbeFailed, other_owners, own_hardware
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.vrrp.adverts import AdvertListener

FIRST_RESULTS_S = 3.0
TRIES_TO_FIND_FREE = 8
"""Each takes a second: when a pair is switched on, the router that has the virtual IPs advertises first."""


async def until_ready(
    first_results: Callable[[float], Awaitable[None]], addresses: AddressKeeper, partner: AdvertListener
) -> None:
    """Return when this router may take part."""
    # A router that takes over with an empty table serves nobody.
    await first_results(FIRST_RESULTS_S)
    for _ in range(TRIES_TO_FIND_FREE):
        if addresses.has_any or partner.is_claiming or not await _is_taken(addresses):
            return


async def _is_taken(addresses: AddressKeeper) -> bool:
    """Return whether another machine has a virtual IP, such as a partner whose pair is not switched on yet."""
    for virtual in addresses.wanted[:1]:
        own = own_hardware(device.hardware for device in addresses.interfaces.devices())
        try:
            return bool(await other_owners(virtual.interface, [virtual.address], own))
        except ProbeFailed:
            return False
    return False
