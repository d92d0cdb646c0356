"""Which real servers of a virtual server may have clients, as `desired` is told by the judgement."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Presence:
    """For each real server, in file order, whether it is in; and whether the sorry server is."""

    servers: tuple[bool, ...]
    sorry: bool = False


Health = Sequence[Presence | None]
"""One for each virtual server of a configuration, in its order; None where nothing is judged: all are in."""
