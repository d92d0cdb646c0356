"""What `palometa partner` reports of the two routers, and what pulse and it exchange: JSON documents, as types.

A summary is what one router reports of itself. It is declared once, with its bounds, and read by msgspec wherever
it crosses a socket. Times are seconds since the epoch; None is what is not known.
"""

from typing import Annotated, Literal, TypedDict

from msgspec import Meta

from app.lvs.reports.pair import StoryLine

NAME_MAX = 64
COUNT_MAX = 2**40
MOMENT_MAX = 2**36
"""Well beyond the year 4000, and still a date that Python can represent."""
SERVER_NAME_MAX = 1000

Name = Annotated[str, Meta(max_length=NAME_MAX)]
Count = Annotated[int, Meta(ge=0, le=COUNT_MAX)]
Moment = Annotated[float, Meta(ge=0, lt=MOMENT_MAX)]
Port = Annotated[int, Meta(ge=0, le=65535)]
ServerName = Annotated[str, Meta(max_length=SERVER_NAME_MAX)]
VerdictState = Literal["up", "down", "unknown", "unchecked", "stale"]
VerdictRow = tuple[ServerName, ServerName, ServerName, Port, VerdictState, bool]
"""Virtual server, real server, address, port, state, and whether the server is in rotation."""
StandingWord = Literal["agreed", "ahead", "behind", "diverged", "unknown"]


class RouterSummary(TypedDict):
    """What both routers of a pair know of each other.

    `applied` is the serial that pulse runs, None: pulse does not answer. `role` is empty where there is none.
    `sync` is the role of the kernel's sync daemon, "failed" where it does not run, empty where none is wanted;
    `connections` is how many the kernel knows. `has_addresses`: this router has the virtual IPs, None: there are
    none, or it does not say. `hears_owner`: it hears by VRRP that the other router owns them. `reaches`: a host on
    its network answers it.
    """

    applied: Count | None
    role: Name
    sync: Name
    connections: Count | None
    has_addresses: bool | None
    hears_owner: bool | None
    reaches: bool | None


UNREPORTED = {"hears_owner": None, "reaches": None}
"""The fields of a summary that earlier versions do not send."""


class PartnerSummary(RouterSummary):
    """What `palometa partner` passes to pulse, with "verdicts", of the other router's latest summary.

    `is_same`: it has this router's configuration. `ago_s` is the age of what its pulse reported.
    """

    name: Name
    is_same: bool
    ago_s: Moment


class PairSummary(RouterSummary):
    """A router's summary with its view of the pair: `dispute` as in the report of a pair, and its last events."""

    dispute: str
    story: list[StoryLine]


class VerdictsReport(PairSummary):
    """pulse's answer to "verdicts". `servers` is None where nothing changed since the mark in the request."""

    mark: str
    servers: list[VerdictRow] | None


class RouterReport(PairSummary):
    """One of the two routers, for the pages. `ago_s` is how long before the report its pulse was read."""

    name: str
    version: str
    serial_no: int
    fingerprint: str
    ago_s: float


class CodeReport(TypedDict):
    """A pairing code that is displayed: when it expires."""

    expires_at: float


class PathReport(TypedDict):
    """One of the two connections: ours to the partner, or the partner's to us. `why` says why it is down."""

    is_up: bool
    since: float
    why: str


class DifferentVerdict(TypedDict):
    """A real server on which the two routers disagree; empty: that router does not check it."""

    virtual: str
    server: str
    address: str
    port: int
    ours: str
    theirs: str


class PartnerReport(TypedDict):
    """The answer of `palometa partner` to "status".

    `paired` is the partner's name, empty: there is none; `fingerprint` is that of our own certificate,
    `their_fingerprint` of the partner's. `heard_at` is when either connection last delivered a message, which is
    also the age of `theirs`. `clock_s` is by how much their clock is ahead of ours. `refused` says why a change of
    ours was refused there, or theirs here. `compared` None: the verdicts cannot be compared now.
    """

    now: float
    listening: str
    fingerprint: str
    code: CodeReport | None
    paired: str
    address: str
    port: int
    paired_at: float
    their_fingerprint: str
    there: PathReport
    here: PathReport
    heard_at: float | None
    standing: StandingWord
    ours: RouterReport
    theirs: RouterReport | None
    clock_s: float | None
    refused: str
    compared: int | None
    different: int
    verdicts: list[DifferentVerdict]
