"""Records events about virtual IPs and their interfaces, one for all addresses of an interface."""

from collections.abc import Collection, Mapping, Sequence

from app.lvs.desired.addresses import VirtualAddress, services_on
from app.lvs.model.config import Config
from app.pulse.addresses.duplicates import Refusal
from app.pulse.events.log import EventLog

NAMED_AT_MOST = 3


class AddressEvents:
    """Remembers what has been recorded, so that a lasting state is recorded when it begins and when it ends."""

    def __init__(self, events: EventLog) -> None:
        self._events = events
        self._lost: dict[str, bool] = {}
        self._refused: dict[VirtualAddress, str] = {}
        self._failed: frozenset[str] = frozenset()
        self._renamed: dict[str, str] = {}

    def link_lost(self, name: str, count: int, *, is_gone: bool) -> None:
        """Record that interface `name`, with `count` virtual IPs, has no link, or does not exist."""
        if self._lost.get(name) is is_gone:
            return
        self._lost[name] = is_gone
        what = "does not exist" if is_gone else "has no link"
        self._events.record("address", f"interface {name} {what}; {_addresses(count)} affected")

    def link_returned(self, name: str, count: int) -> None:
        """Record that interface `name` has a link (again), and how many virtual IPs are on it."""
        self._lost.pop(name, None)
        self._events.record("address", f"interface {name} has a link again; {_addresses(count)} announced again")

    def renamed(self, names: Mapping[str, str]) -> None:
        """Record which interfaces have another name now than lvs.cf says: `names` has it by the word of lvs.cf."""
        for word, name in names.items():
            if self._renamed.get(word) != name:
                self._events.record("address", renamed_sentence(word, name))
        self._renamed = dict(names)

    def refused(
        self,
        config: Config,
        refused: Mapping[VirtualAddress, Refusal],
        *,
        up: Collection[VirtualAddress],
        wanted: Collection[VirtualAddress],
    ) -> None:
        """Record which addresses another machine has, and which of those recorded so are free again and `up`."""
        for virtual, refusal in refused.items():
            if self._refused.get(virtual) != refusal.hardware:
                self._refused[virtual] = refusal.hardware
                self._events.record("address", refusal.reason + _unreachable(config, virtual))
        for virtual in [known for known in self._refused if known not in refused]:
            if virtual in up:
                self._events.record(
                    "address", f"{virtual} is up: {self._refused[virtual]} no longer answers for it"
                )
            if virtual in up or virtual not in wanted:
                del self._refused[virtual]

    def failed(self, reasons: Sequence[str]) -> None:
        """Record the `reasons` that are new."""
        new = [reason for reason in reasons if reason not in self._failed]
        self._failed = frozenset(reasons)
        if new:
            rest = f" (and {len(new) - 1} more like it)" if len(new) > 1 else ""
            self._events.record("address", new[0] + rest)


def renamed_sentence(word: str, name: str) -> str:
    """Return the sentence about an interface that lvs.cf calls `word` and that is called `name` now."""
    return f"interface {word} is now called {name}: its virtual IPs stay on it. Write {name} in lvs.cf."


def _addresses(count: int) -> str:
    return "1 virtual IP" if count == 1 else f"{count} virtual IPs"


def _unreachable(config: Config, virtual: VirtualAddress) -> str:
    names = services_on(config, virtual.address)
    if not names:
        return ""
    more = f" and {len(names) - NAMED_AT_MOST} more" if len(names) > NAMED_AT_MOST else ""
    return f" Until then, clients cannot reach {', '.join(names[:NAMED_AT_MOST])}{more} on this director."
