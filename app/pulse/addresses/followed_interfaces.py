"""Which interface a word of lvs.cf means: the one of that name, of that other name, or that had it until now.

Names are only how people call an interface; the kernel knows it by its index. The index of each name is kept:
an interface that is renamed while pulse runs, or while it does not, keeps its virtual IPs, and those that are no
longer wanted are found on it and removed.
"""

from collections.abc import Collection, Mapping

from app.host.network.known_interfaces import AddressState
from app.host.network.link import Link
from app.pulse.process.owned import OwnedState


class FollowedInterfaces:
    """The index of each name is in `memory`. `renamed` has the words whose interface has another name now."""

    def __init__(self, memory: OwnedState) -> None:
        self._memory = memory
        self._words: frozenset[str] = frozenset()
        self.renamed: dict[str, str] = {}

    def follow(self, words: Collection[str], state: AddressState) -> dict[str, str]:
        """Return the name that the interface of each of `words` has now; one that is not there is left out.

        What is ours on an interface that was renamed is ours on it under its new name.
        """
        self._words = frozenset(words)
        known = self._memory.interfaces
        ours = {virtual.interface for virtual in self._memory.addresses}
        links_of_ours = {word: state.links_by_index.get(known.get(word, 0)) or state.find(word) for word in ours}
        self._memory.rename_interfaces(
            {word: link.name for word, link in links_of_ours.items() if link is not None and link.name != word}
        )
        found = {word: link for word in words if (link := link_of(word, state, known)) is not None}
        self.renamed = {
            word: link.name for word, link in found.items() if word not in (link.name, *link.other_names)
        }
        links = (*found.values(), *(link for link in links_of_ours.values() if link is not None))
        self._memory.keep_interfaces(
            {link.name: link.index for link in links} | {word: link.index for word, link in found.items()}
        )
        return {word: link.name for word, link in found.items()}

    def are_concerned(self, link: Link) -> bool:
        """Whether `link` is, was or becomes one that is followed."""
        names = (link.name, *link.other_names)
        return link.index in self._memory.interfaces.values() or not self._words.isdisjoint(names)


def link_of(word: str, state: AddressState, known: Mapping[str, int]) -> Link | None:
    """Return the interface that `word` means; `known` has the index that names had."""
    return state.find(word) or state.links_by_index.get(known.get(word, 0))
