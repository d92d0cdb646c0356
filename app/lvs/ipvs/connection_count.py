"""Counting a connection table of any length in bounded memory: all, by state, by server, by client."""

from collections import Counter
from dataclasses import dataclass, field

from app.lvs.ipvs.connection_table import CLIENT, SERVER, SERVER_PORT, STATE, Chosen, Words, is_template

COUNTED_MAX = 20_000
"""Different clients (and servers) counted one by one; a dictionary of them is about 4 MB."""


class Tally:
    """Counts how often each word comes, of any number of words, in the memory of `limit`.

    While there are no more different words than `limit`, each count is exact. Beyond that the rare ones are
    forgotten, and a count that is kept may be too low by up to `short_by` (Misra and Gries, 1982).
    """

    def __init__(self, limit: int = COUNTED_MAX) -> None:
        self._limit = limit
        self._counts: Counter[bytes] = Counter()
        self.short_by = 0

    def add(self, word: bytes) -> None:
        """Count `word` once more."""
        self._counts[word] += 1
        if len(self._counts) > self._limit:
            self._forget_the_rare()

    def most(self, number: int) -> list[tuple[bytes, int]]:
        """Return the `number` most frequent words with their counts, the most frequent first."""
        return self._counts.most_common(number)

    def __len__(self) -> int:
        return len(self._counts)

    def _forget_the_rare(self) -> None:
        # By the middle one, so that half of them go at once and the work is shared by many additions.
        cut = sorted(self._counts.values())[len(self._counts) // 2]
        self._counts = Counter({word: count - cut for word, count in self._counts.items() if count > cut})
        self.short_by += cut


@dataclass(slots=True)
class Count:
    """The sums over a table. `entries` were read, `found` of them chosen; the others count the chosen ones.

    Templates are in `templates` and in `states`, but are no connections of a client or a server.
    """

    entries: int = 0
    found: int = 0
    templates: int = 0
    states: Counter[bytes] = field(default_factory=Counter)
    clients: Tally = field(default_factory=Tally)
    servers: Tally = field(default_factory=Tally)

    def take(self, words: Words, chosen: Chosen) -> bool:
        """Count one line; return whether it is chosen."""
        self.entries += 1
        if not chosen(words):
            return False
        self.found += 1
        self.states[words[STATE]] += 1
        if is_template(words):
            self.templates += 1
        else:
            self.clients.add(words[CLIENT])
            self.servers.add(words[SERVER] + b" " + words[SERVER_PORT])
        return True
