"""Says once, as events, what happens to virtual IPs and their interfaces: one sentence for all on an interface."""

from collections.abc import Collection, Mapping, Sequence

from app.lvs.desired.addresses import VirtualAddress, services_on
from app.lvs.model.config import Config
from app.pulse.addresses.duplicates import Refusal
from app.pulse.events.log import EventLog

NAMED_AT_MOST = 3


class AddressEvents:
    """Keeps what has been said, so that a state that lasts is said when it begins and when it ends."""

    def __init__(self, events: EventLog) -> None:
        self._events = events
        self._lost: dict[str, bool] = {}
        self._refused: dict[VirtualAddress, str] = {}
        self._failed: frozenset[str] = frozenset()

    def link_lost(self, name: str, count: int, *, is_gone: bool) -> None:
        """Say that interface `name`, with `count` virtual IPs, has no link, or has gone altogether."""
        if self._lost.get(name) is is_gone:
            return
        self._lost[name] = is_gone
        what = "is not there" if is_gone else "has no link"
        self._events.record("address", f"interface {name} {what}, and with it {_addresses(count)}")

    def link_returned(self, name: str, count: int) -> None:
        """Say that interface `name` has its link (again), and how many virtual IPs are up on it."""
        self._lost.pop(name, None)
        self._events.record(
            "address", f"interface {name} has its link again, and {_addresses(count)}; announced anew"
        )

    def refused(
        self,
        config: Config,
        refused: Mapping[VirtualAddress, Refusal],
        *,
        up: Collection[VirtualAddress],
        wanted: Collection[VirtualAddress],
    ) -> None:
        """Say which addresses another machine has, and which of those said so are free by now and `up`."""
        for virtual, refusal in refused.items():
            if self._refused.get(virtual) != refusal.hardware:
                self._refused[virtual] = refusal.hardware
                self._events.record("address", refusal.reason + _reached_by_nobody(config, virtual))
        for virtual in [known for known in self._refused if known not in refused]:
            if virtual in up:
                self._events.record(
                    "address", f"{virtual} is up: {self._refused[virtual]} no longer answers for it"
                )
            if virtual in up or virtual not in wanted:
                del self._refused[virtual]

    def failed(self, reasons: Sequence[str]) -> None:
        """Say what of `reasons` is new."""
        new = [reason for reason in reasons if reason not in self._failed]
        self._failed = frozenset(reasons)
        if new:
            rest = f" (and {len(new) - 1} more like it)" if len(new) > 1 else ""
            self._events.record("address", new[0] + rest)


def _addresses(count: int) -> str:
    return "a virtual IP" if count == 1 else f"{count} virtual IPs"


def _reached_by_nobody(config: Config, virtual: VirtualAddress) -> str:
    names = services_on(config, virtual.address)
    if not names:
        return ""
    more = f" and {len(names) - NAMED_AT_MOST} more" if len(names) > NAMED_AT_MOST else ""
    return f" Until then this director serves nobody on {', '.join(names[:NAMED_AT_MOST])}{more}."
