"""What pulse answers to "table_at", "held" and "events", as types. Times are in seconds since 1970."""

from typing import TypedDict

from app.lvs.reports.status import EventReport


class PastServerReport(TypedDict):
    """A destination as it was; the words are those of DestinationReport."""

    name: str | None
    address: str
    port: int
    forward: str
    weight: int
    active: int
    inactive: int


class PastServiceReport(TypedDict):
    """A service as it was; the words are those of ServiceReport."""

    owner: str | None
    protocol: str
    family: int
    address: str
    port: int
    fwmark: int
    scheduler: str
    flags: str
    destinations: list[PastServerReport]


class PastTableReport(TypedDict):
    """The table as it was at `at`, the last time before `asked` that it was kept; None: nothing is known of then.

    `kernel` is its IPVS version then, `serial_no` that of the configuration applied (0: none).
    `before` and `after` are the nearest other times of which something is known.
    """

    asked: float
    at: int | None
    before: int | None
    after: int | None
    kernel: str
    serial_no: int
    services: list[PastServiceReport]


class HeldReport(TypedDict):
    """The service asked for as it is now, or the first ones of all, their servers left out."""

    services: list[PastServiceReport]


class EventsReport(TypedDict):
    """All events that pulse keeps, oldest first."""

    now: float
    events: list[EventReport]
