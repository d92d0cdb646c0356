"""What pulse answers to "history": the JSON documents, as types. Times are seconds since the epoch."""

from typing import TypedDict


class PointReport(TypedDict):
    """The step of `step_s` that ends `at`; null: not known. All but `active` and `inactive` are per second."""

    at: int
    step_s: int
    connections: float | None
    packets_in: float | None
    packets_out: float | None
    bytes_in: float | None
    bytes_out: float | None
    active: float | None
    inactive: float | None


class HistoryReport(TypedDict):
    """The points of one series from `since` to `until`, oldest first; where there is none, nothing is known."""

    since: int
    until: int
    points: list[PointReport]


class AmountReport(TypedDict):
    """What passed in all: new connections, and bytes of both directions; null: not known."""

    connections: float | None
    bytes: float | None


class SharesReport(TypedDict):
    """What passed through each server asked for, by its address and port, from `since` to `until`."""

    since: int
    until: int
    shares: dict[str, AmountReport]


class RecentReport(TypedDict):
    """New connections per second in the last steps of `step_s`, the last one ending `until`, by service."""

    until: int
    step_s: int
    series: dict[str, list[float | None]]
