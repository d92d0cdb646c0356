"""What the kernel counts: totals and estimated rates. Never part of identity or settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.lvs.ipvs.table import DestinationKey, ServiceKey


@dataclass(frozen=True, slots=True)
class Counters:
    """Totals since the entry was made, and rates per second over the kernel's estimator window (about 2 s)."""

    connections: int = 0
    packets_in: int = 0
    packets_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    connections_per_s: int = 0
    packets_in_per_s: int = 0
    packets_out_per_s: int = 0
    bytes_in_per_s: int = 0
    bytes_out_per_s: int = 0


@dataclass(frozen=True, slots=True)
class DestinationCounters:
    """A destination's connections now, and its `totals`."""

    active: int
    inactive: int
    persistent: int
    totals: Counters


@dataclass(frozen=True, slots=True)
class ServiceCounters:
    """A service's totals, and its destinations' counters by their key."""

    totals: Counters
    destinations: Mapping[DestinationKey, DestinationCounters]


CounterTable = Mapping[ServiceKey, ServiceCounters]


@dataclass(frozen=True, slots=True)
class Readings:
    """What was counted and when, in one clock's seconds: `totals` of every service at `totals_at`, `counters` of
    each with its destinations at its time in `taken_at`."""

    totals: Mapping[ServiceKey, Counters]
    totals_at: float
    counters: CounterTable
    taken_at: Mapping[ServiceKey, float]


def connections(table: CounterTable) -> int:
    """Return how many connections there are now, those that are ending with them."""
    return sum(
        destination.active + destination.inactive
        for service in table.values()
        for destination in service.destinations.values()
    )
