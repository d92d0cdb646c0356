"""Results kept by the identity of the object they were made from: the same object means that nothing changed.

The values of this package are frozen, and whatever builds a new configuration reuses the objects it did not
change. So `is` answers whether a result still holds, at no cost that grows with the object.
"""

from typing import Generic, TypeVar

Source = TypeVar("Source")
Made = TypeVar("Made")


class IdentityCache(Generic[Source, Made]):
    """What the last pass over a configuration made of each of its objects.

    An entry keeps its object alive, so no other object can have its id(). `end_pass` forgets the objects that the
    pass did not meet. Where a result depends on more than its object, it says so itself, and the caller compares.
    """

    def __init__(self) -> None:
        self._last: dict[int, tuple[Made, Source]] = {}
        self._met: dict[int, tuple[Made, Source]] = {}

    def __len__(self) -> int:
        return len(self._last)

    def find(self, source: Source) -> Made | None:
        """Return what was made of this very object; None: make it, and `keep` it."""
        identity = id(source)
        known = self._last.get(identity)
        if known is None:
            return None
        self._met[identity] = known
        return known[0]

    def keep(self, source: Source, made: Made) -> Made:
        """Keep what was just made of `source`, and return it."""
        self._met[id(source)] = (made, source)
        return made

    def end_pass(self) -> None:
        """Forget the objects that were neither found nor kept since the last call."""
        self._last, self._met = self._met, {}

    def forget(self) -> None:
        """Forget everything, where what all results depend on has changed."""
        self._last, self._met = {}, {}
