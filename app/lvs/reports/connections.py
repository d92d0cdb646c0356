"""What pulse answers to "connections": the JSON document, as types. Addresses are text."""

from typing import Literal, TypedDict

ROWS_MAX = 1000
TOP_MAX = 20

Why = Literal["template", "hash", "scheduler", "nobody"]


class ConnectionReport(TypedDict):
    """One entry; `expires_s` is what is left of its time. A template has `client_port` 0 and a mark `fwmark`."""

    protocol: str
    client: str
    client_port: int
    virtual: str
    virtual_port: int
    server: str
    server_port: int
    state: str
    expires_s: int
    engine: str
    engine_data: str
    is_template: bool
    fwmark: int


class StateCount(TypedDict):
    state: str
    count: int


class ClientCount(TypedDict):
    client: str
    count: int


class ServerCount(TypedDict):
    server: str
    port: int
    count: int


class NextServerReport(TypedDict):
    """Where the next new connection of the client asked for goes in one service, and why.

    `server` is empty where that cannot be predicted; `expires_s` is the template's.
    """

    service: str
    why: Why
    server: str
    port: int
    expires_s: int | None
    sentence: str


class ConnectionsReport(TypedDict):
    """The answer.

    `entries` were read, in `took_ms`; `found` of them are asked for, and at most ROWS_MAX of these are in `rows`.
    `is_complete` False: reading was ended at its time limit, so there are more. The sums are of those found:
    `clients` and `servers` are those with most connections; the counts may be too low by up to `short_by`, where
    there are more different ones than are counted.
    """

    at: float
    took_ms: float
    entries: int
    found: int
    templates: int
    is_complete: bool
    rows: list[ConnectionReport]
    states: list[StateCount]
    clients: list[ClientCount]
    servers: list[ServerCount]
    short_by: int
    next_servers: list[NextServerReport]
