"""What a router waits for before it takes its part in a pair: a right table, and who has the virtual IPs."""

from collections.abc import Awaitable, Callable

from app.host.network.devices import read_devices
from app.host.packets.neighbour_probe import ProbeFailed, other_owners, own_hardware
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.vrrp.adverts import AdvertListener

FIRST_RESULTS_S = 3.0
TRIES_TO_FIND_IT_FREE = 8
"""Each takes a second: who has the virtual IPs when a pair is switched on may say so first."""


async def until_ready(
    first_results: Callable[[float], Awaitable[None]], addresses: AddressKeeper, partner: AdvertListener
) -> None:
    """Return when this router may take its part."""
    # Who takes over with an empty table serves nobody.
    await first_results(FIRST_RESULTS_S)
    for _ in range(TRIES_TO_FIND_IT_FREE):
        if addresses.has_any or partner.is_claiming or not await _is_taken(addresses):
            return


async def _is_taken(addresses: AddressKeeper) -> bool:
    """Return whether another machine answers for a virtual IP, as one does that is yet to become a pair."""
    for virtual in addresses.wanted[:1]:
        own = own_hardware(device.hardware for device in read_devices())
        try:
            return bool(await other_owners(virtual.interface, [virtual.address], own))
        except ProbeFailed:
            return False
    return False
