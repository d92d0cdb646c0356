"""What is kept of the past: which values, in what steps, for how long; and how steps become longer ones.

A sample is one row of values for each series (the director, a service, a server). It stands for the step that ends
at its time. What is not known is NaN here, null in JSON and a gap in a graph; never 0, and never made up.
"""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

from app.lvs.ipvs.counters import Counters
from app.lvs.ipvs.service_names import endpoint_text, service_text
from app.lvs.ipvs.table import DestinationKey, ServiceKey

VALUES = ("connections", "packets_in", "packets_out", "bytes_in", "bytes_out", "active", "inactive")
"""Of each row: five rates per second, and the connections there were."""
WIDTH = len(VALUES)
UNKNOWN = math.nan
NOTHING_KNOWN = (UNKNOWN,) * WIDTH
ID_SIZE = 8
DIRECTOR = ""
"""The series of the director as a whole: the sum of its services."""


@dataclass(frozen=True, slots=True)
class Level:
    """Samples every `step_s`, kept for `kept_s` in files of `span_s` each, which holds whole steps of the next."""

    step_s: int
    kept_s: int
    span_s: int


LEVELS = (
    Level(10, 3600, 600),
    Level(60, 6 * 3600, 3600),
    Level(300, 24 * 3600, 4 * 3600),
    Level(3600, 31 * 24 * 3600, 4 * 24 * 3600),
)
Values: TypeAlias = "array[float]"
"""Rows one after another, as 32-bit numbers."""
LATE = 2.5
"""A reading older than so many steps is no neighbour of the next: what was between them is not known."""


def series_name(service: ServiceKey, server: DestinationKey | None = None) -> str:
    """Return the name of a series: ``tcp 192.0.2.1:80``, and after a blank the server's address and port."""
    name = service_text(service)
    return name if server is None else f"{name} {endpoint_text(server.address, server.port)}"


def series_id(name: str) -> bytes:
    """Return the ID_SIZE bytes that stand for a series in a file."""
    return blake2b(name.encode(), digest_size=ID_SIZE).digest()


def row_of(ids: bytes, wanted: bytes) -> int | None:
    """Return the row of the series `wanted` among `ids`, which stand one after another."""
    at = ids.find(wanted)
    while at % ID_SIZE and at >= 0:
        at = ids.find(wanted, at + 1)
    return at // ID_SIZE if at >= 0 else None


def rates(before: Counters, after: Counters, elapsed_s: float) -> tuple[float, ...] | None:
    """Return the five rates per second between two readings; None when a counter was reset in between."""
    old, new = _totals(before), _totals(after)
    if elapsed_s <= 0 or any(late < early for early, late in zip(old, new, strict=True)):
        return None
    return tuple((late - early) / elapsed_s for early, late in zip(old, new, strict=True))


def folded(samples: Sequence[Values], wanted: int) -> Values:
    """Return the mean of equally long `samples`, value by value, of `wanted` that there should be.

    Unknown where less than half of them is known: a mean of little would say too much.
    """
    return array("f", [_mean(column, wanted) for column in zip(*samples, strict=True)])


def slot_end(at: int, step_s: int) -> int:
    """Return the end of the step of `step_s` that a sample of the time `at` belongs to."""
    return -(-at // step_s) * step_s


def _mean(column: tuple[float, ...], wanted: int) -> float:
    known = [value for value in column if value == value]
    return sum(known) / len(known) if len(known) * 2 >= wanted else UNKNOWN


def _totals(counters: Counters) -> tuple[int, int, int, int, int]:
    return (
        counters.connections,
        counters.packets_in,
        counters.packets_out,
        counters.bytes_in,
        counters.bytes_out,
    )
