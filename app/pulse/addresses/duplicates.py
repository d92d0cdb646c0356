"""Probes, before a virtual IP is brought up, whether another machine has it (`probe_duplicates` in lvs.cf)."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from app.host.network.link import Link
from app.host.packets.neighbour_probe import ProbeFailed, other_owners, own_hardware
from app.lvs.desired.addresses import VirtualAddress
from app.lvs.model.values import Address

REFUSED_FOR_S = 30.0
"""After this time an address that another machine had is probed again."""
RETRY_AFTER_S = 1.0
"""After this time a probe that failed is tried again."""
FREE_FOR_S = 5.0
"""How long an address that no machine answered for counts as free."""

Ask = Callable[[str, Collection[Address], Collection[bytes]], Awaitable[dict[Address, str]]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """`hardware` answered for the address; empty: the probe failed for the `reason`. `until` is loop time."""

    reason: str
    hardware: str
    until: float


class Duplicates:
    """The one owner of what is known about other machines' addresses. Calls `answered` after each probe.

    It never waits: an address that has not been probed yet is cleared later, when its probe has ended.
    """

    def __init__(self, answered: Callable[[], None], ask: Ask = other_owners) -> None:
        self._answered = answered
        self._ask = ask
        self._refused: dict[VirtualAddress, Refusal] = {}
        self._free_until: dict[VirtualAddress, float] = {}
        self._asking: dict[VirtualAddress, asyncio.Task[None]] = {}

    def cleared(self, missing: Iterable[VirtualAddress], links: Mapping[str, Link]) -> list[VirtualAddress]:
        """Return those of `missing` that no other machine has, and probe those of which this is not known.

        Those on an interface that is not among `links` are cleared: bringing them up fails with the reason.
        """
        now = _now()
        missing = list(missing)
        self._forget_all_but(missing)
        cleared: list[VirtualAddress] = []
        # Each family on its own: what fails about one of them says nothing of the other.
        unknown: defaultdict[tuple[str, int], list[VirtualAddress]] = defaultdict(list)
        for virtual in missing:
            refusal, link = self._refused.get(virtual), links.get(virtual.interface)
            if self._free_until.get(virtual, 0.0) > now or link is None:
                cleared.append(virtual)
            elif virtual in self._asking or (refusal is not None and refusal.until > now):
                continue
            elif not link.is_up:
                self._refused[virtual] = Refusal(_without_link(virtual), "", now)
            elif not link.has_arp:
                cleared.append(virtual)
            else:
                unknown[virtual.interface, virtual.address.version].append(virtual)
        own = own_hardware(link.hardware for link in links.values())
        for (interface, _), virtuals in unknown.items():
            self._start(interface, virtuals, own)
        return cleared

    def refusal(self, virtual: VirtualAddress) -> Refusal | None:
        """Return why `virtual` was not cleared the last time; None: it was, or it has not been probed."""
        return self._refused.get(virtual)

    def is_asking(self, virtual: VirtualAddress) -> bool:
        """Whether `virtual` is being probed."""
        return virtual in self._asking

    def ask_again(self) -> None:
        """Let no refusal stand without another probe."""
        now = _now()
        for virtual, refusal in self._refused.items():
            self._refused[virtual] = Refusal(refusal.reason, refusal.hardware, now)

    def stop(self) -> None:
        """Stop probing."""
        for task in set(self._asking.values()):
            task.cancel()
        self._asking.clear()

    def _forget_all_but(self, missing: Collection[VirtualAddress]) -> None:
        kept = set(missing)
        for known in (self._refused, self._free_until):
            for virtual in known.keys() - kept:
                del known[virtual]

    def _start(self, interface: str, virtuals: list[VirtualAddress], own: frozenset[bytes]) -> None:
        task = asyncio.get_running_loop().create_task(self._find_out(interface, virtuals, own))
        self._asking.update(dict.fromkeys(virtuals, task))

    async def _find_out(self, interface: str, virtuals: list[VirtualAddress], own: frozenset[bytes]) -> None:
        problem, owners = "", dict[Address, str]()
        try:
            owners = await self._ask(interface, [virtual.address for virtual in virtuals], own)
        except ProbeFailed as failed:
            problem = str(failed)
        finally:
            for virtual in virtuals:
                self._asking.pop(virtual, None)
                self._refused.pop(virtual, None)
        now = _now()
        for virtual in virtuals:
            if owner := owners.get(virtual.address):
                self._refused[virtual] = Refusal(_taken(virtual, owner), owner, now + REFUSED_FOR_S)
            elif problem:
                self._refused[virtual] = Refusal(_unasked(virtual, problem), "", now + RETRY_AFTER_S)
            else:
                self._free_until[virtual] = now + FREE_FOR_S
        self._answered()


def _taken(virtual: VirtualAddress, owner: str) -> str:
    return (
        f"{virtual} is not brought up: another machine, {owner}, answers for it. Remove the address there; or, if "
        "it is a real server that has it for direct routing, set net.ipv4.conf.all.arp_ignore to 1 there. "
        f"The address is probed again every {REFUSED_FOR_S:.0f} s."
    )


def _unasked(virtual: VirtualAddress, problem: str) -> str:
    return f"{virtual} is not brought up: {problem} Or set probe_duplicates = 0, so that addresses are not probed."


def _without_link(virtual: VirtualAddress) -> str:
    return (
        f"{virtual} is not brought up: {virtual.interface} has no link, so it cannot be probed whether another "
        "machine has the address. Bring the interface up or plug it in, or set probe_duplicates = 0."
    )


def _now() -> float:
    return asyncio.get_running_loop().time()
