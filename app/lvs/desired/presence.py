"""Which real servers of a virtual server may have clients, as `desired` is told by the judgement."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Presence:
    """For each real server, in file order, the weight the kernel ought to hold; whether the sorry server is in.

    None: the server is not to be there. Weight 0: it gets no new clients, and open connections may finish.
    """

    servers: tuple[int | None, ...]
    sorry: bool = False


Health = Sequence[Presence | None]
"""One for each virtual server of a configuration, in its order; None where nothing is judged: all are in."""
