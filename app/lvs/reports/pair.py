"""The state of a pair: a part of pulse's status report. Times are seconds since the epoch."""

from typing import Literal, TypedDict

Role = Literal["owner", "standby", "fault", "starting", "alone", "off", "unplaced"]
"""What this router is.

``owner`` has the virtual IPs; ``standby`` waits for the other to fail; ``fault`` could not take over either;
``starting`` does not know yet; ``alone``: keepalived does not run, and the primary has them; ``off``: the second
router of a pair that is switched off; ``unplaced``: the configuration has no place for it.
"""


Dispute = Literal["", "two", "nobody"]
"""What is wrong with who has the virtual IPs: two machines have them, or nobody; empty: one has them."""


class OwnersReport(TypedDict):
    """Who has the virtual IPs, by all witnesses: `dispute` since when, with `sentence` to say it.

    `own`: this router has them, None: there are none. `vrrp`, `partner`, `probe`: whether the partner has them, by
    its advertisements, by its own word; whether another machine on the network answers for them. None: unknown.
    """

    dispute: Dispute
    since: float
    sentence: str
    own: bool | None
    vrrp: bool | None
    partner: bool | None
    probe: bool | None


class TakeBackReport(TypedDict):
    """A primary waits to take the virtual IPs back: connections it knows, and the owner knows. None: not known.

    `left_s` is how long it waits at most.
    """

    ours: int | None
    theirs: int | None
    left_s: float


class SwitchableReport(TypedDict):
    """What is in the way of a planned switch. `is_final`: of those that nobody should pass over.

    `is_checked` False: the two routers are not linked, so nothing is known and nothing is checked. `far`: how many
    of the connections the partner knows, in words.
    """

    is_checked: bool
    obstacles: list[str]
    is_final: bool
    far: str


STORY_KEPT = 8
STORY_TEXT_MAX = 400


class StoryLine(TypedDict):
    """An event of a pair, as one of the two routers recorded it, by its own clock."""

    at: float
    text: str


class SyncReport(TypedDict):
    """The kernel's sync daemon: the role it has, empty where none is wanted; `trouble` says why it has not."""

    role: Literal["", "master", "backup"]
    trouble: str


class PairReport(TypedDict):
    """This router's view of the pair.

    `side` is primary or backup, empty where this router has no place in it; `heard_at` when the partner last said
    that it is the owner (one that stands by says nothing), None: not since pulse has been watching. `strangers`
    are routers that use the same virtual router id and are not the partner. `has_stepped_back`: it gave the
    virtual IPs away by itself, and takes them again only where nobody else does. `reaches`: somebody on its
    network answers this router, None: not known, or there is nobody to ask.
    """

    role: Role
    side: Literal["", "primary", "backup"]
    own: str
    partner: str
    since: float
    last: str
    trouble: str
    heard_at: float | None
    takes_over_ms: int
    has_stepped_back: bool
    reaches: bool | None
    strangers: list[str]
    sync: SyncReport
    owners: OwnersReport
    story: list[StoryLine]
    take_back: TakeBackReport | None
    switchable: SwitchableReport | None


class SwitchReport(TypedDict):
    """The outcome of a planned switch; `took_ms` until the partner advertised itself as the owner."""

    has_moved: bool
    took_ms: float
    message: str
