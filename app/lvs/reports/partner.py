"""What `palometa partner` tells of the other router, and pulse tells it of this one: JSON documents, as types.

Times are seconds since the epoch; None is what is not known.
"""

from typing import Literal, TypedDict

from app.lvs.reports.pair import StoryLine

StandingWord = Literal["agreed", "ahead", "behind", "diverged", "unknown"]


class VerdictsReport(TypedDict):
    """pulse's answer to "verdicts". `servers` is None where nothing changed since the mark that was asked with.

    A row of `servers` is virtual server, real server, address, port, state, and whether it may have clients.
    `sync` is the role of the kernel's sync daemon, "failed" where it does not run, empty where none is wanted;
    `connections` is how many the kernel knows, None: there is no table. `has_addresses`: this router has the
    virtual IPs, None: there are none; `hears_owner`: it hears the other router say so of itself; `reaches` and
    `dispute` as in the report of a pair, None and empty where there is no pair.
    """

    mark: str
    applied: int | None
    role: str
    sync: str
    connections: int | None
    has_addresses: bool | None
    hears_owner: bool | None
    reaches: bool | None
    dispute: str
    story: list[StoryLine]
    servers: list[tuple[str, str, str, int, str, bool]] | None


class PartnerWord(TypedDict):
    """What `palometa partner` tells pulse, with "verdicts", that the other router has just said of itself.

    `has_addresses`: it has the virtual IPs, None: it does not say; `hears_owner`: it hears that this one has;
    `reaches`: somebody on its network answers it. `is_same`: it has this configuration. `ago_s`: so long ago its
    pulse said all this.
    """

    name: str
    role: str
    has_addresses: bool | None
    applied: int | None
    sync: str
    connections: int | None
    is_same: bool
    hears_owner: bool | None
    reaches: bool | None
    ago_s: float


class CodeReport(TypedDict):
    """A pairing code that is shown: when it ends, and how many wrong proofs it still survives."""

    expires_at: float
    tries_left: int


class PathReport(TypedDict):
    """One of the two connections: ours to the partner, or the partner's to us. `why` says why it is down."""

    is_up: bool
    since: float
    why: str


class DifferentVerdict(TypedDict):
    """A real server on which the two do not agree; empty: that one does not check it."""

    virtual: str
    server: str
    address: str
    port: int
    ours: str
    theirs: str


class OneRouter(TypedDict):
    """One of the two as the other sees it. `applied` None: its pulse is silent. `role` empty: it has none.

    `sync`, `connections`, `has_addresses`, `hears_owner`, `reaches` and `dispute` as pulse says them; None, too,
    where nothing is known. `ago_s` is for how long pulse had not been asked when it was told.
    `story` is the last that happened to the pair, as this one told it.
    """

    name: str
    version: str
    serial_no: int
    fingerprint: str
    applied: int | None
    role: str
    sync: str
    connections: int | None
    has_addresses: bool | None
    hears_owner: bool | None
    reaches: bool | None
    ago_s: float
    dispute: str
    story: list[StoryLine]


class PartnerReport(TypedDict):
    """The answer of `palometa partner` to "status".

    `paired` is the partner's name, empty: there is none; `fingerprint` is that of our own certificate,
    `their_fingerprint` of the partner's. `heard_at` is when either connection last brought anything; what is told
    of `theirs` is as old. `clock_s` is by how much their clock is ahead of ours. `refused` says why a change of
    ours was not taken there, or theirs here. `compared` None: the verdicts cannot be compared now.
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
    ours: OneRouter
    theirs: OneRouter | None
    clock_s: float | None
    refused: str
    compared: int | None
    different: int
    verdicts: list[DifferentVerdict]
