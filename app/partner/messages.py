"""The messages between the two routers: a summary every second, and revisions. Their JSON keys never change."""

import hashlib
import zlib
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.lvs.pair.lineage import SERIAL_MAX, LineageLink, RevisionId
from app.lvs.reports.pair import STORY_KEPT, STORY_TEXT_MAX
from app.lvs.reports.partner import COUNT_MAX, Moment, Name, RouterReport, VerdictRow
from app.partner.encoding import PROTOCOL, MessagePart, Protocol, Text
from app.partner.failures import MalformedMessage
from app.partner.verdicts import CHANGES_PER_MESSAGE, Target, VerdictChanges

SERIAL_TAKEN_MAX = 2**30
"""A partner must not use up the serials of this router, which could then accept no more changes."""
AGO_MS_MAX = 3_600_000
LINKS_MAX = 20_000
DATA_MAX = 64 << 20
"""Longest lvs.cf in bytes."""
SUMMARY_MAX = 4 << 20
REVISION_MAX = 96 << 20
_COMPRESSION = 1
_SIGN_OF: dict[bool | None, Literal[-1, 0, 1]] = {None: -1, False: 0, True: 1}
_OF_SIGN = {sign: known for known, sign in _SIGN_OF.items()}

Sign = Literal[-1, 0, 1]
"""Unknown, false, true."""
CountOrUnknown = Annotated[int, Meta(ge=-1, le=COUNT_MAX)]
SerialOrUnknown = Annotated[int, Meta(ge=-1, le=SERIAL_MAX)]


class StoryEntry(MessagePart, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An event of the pair, as the sender recorded it."""

    at: Moment
    text: Annotated[str, Meta(max_length=STORY_TEXT_MAX)]


class SyncPart(MessagePart, frozen=True):
    """What the sender's sync daemon does, and how many connections its kernel knows, -1: unknown."""

    state: Name
    connections: CountOrUnknown


class OwnersPart(MessagePart, frozen=True, kw_only=True):
    """What the sender's pulse reported `ago_ms` ago: it has the virtual IPs, and it hears that we have them."""

    own: Sign
    heard: Sign = -1
    reaches: Sign = -1
    ago_ms: Annotated[int, Meta(ge=0, le=AGO_MS_MAX)] = 0
    dispute: Name


class SummaryMessage(MessagePart, frozen=True, kw_only=True, tag_field="verb", tag="summary"):
    """What one router reports of itself every second.

    `about` is the other router's version it last heard of, and `is_known` whether that is in its own line.
    `sync`, `owners` and `story` are missing where the sender's version does not report them.
    """

    protocol: Protocol
    version: Name
    name: Name
    now: Moment
    head: RevisionId
    about: RevisionId
    is_known: bool
    applied: SerialOrUnknown
    role: Name
    sync: SyncPart | None = None
    owners: OwnersPart | None = None
    story: Annotated[tuple[StoryEntry, ...], Meta(max_length=STORY_KEPT)] = ()
    changed: Annotated[tuple[VerdictRow, ...], Meta(max_length=CHANGES_PER_MESSAGE)]
    gone: Annotated[tuple[Target, ...], Meta(max_length=CHANGES_PER_MESSAGE)]
    is_all: bool

    @property
    def verdicts(self) -> VerdictChanges:
        """What changed about the sender's servers."""
        return VerdictChanges.of(self.changed, self.gone, is_all=self.is_all)

    @property
    def report(self) -> RouterReport:
        """What the sender reports of itself."""
        sync, owners = self.sync, self.owners
        return {
            "name": self.name,
            "version": self.version,
            "serial_no": self.head.serial_no,
            "fingerprint": self.head.fingerprint,
            "applied": _known(self.applied),
            "role": self.role,
            "sync": sync.state if sync else "",
            "connections": _known(sync.connections) if sync else None,
            "has_addresses": _OF_SIGN[owners.own] if owners else None,
            "hears_owner": _OF_SIGN[owners.heard] if owners else None,
            "reaches": _OF_SIGN[owners.reaches] if owners else None,
            "ago_s": owners.ago_ms / 1000 if owners else 0.0,
            "dispute": owners.dispute if owners else "",
            "story": [{"at": entry.at, "text": entry.text} for entry in self.story],
        }


def summary_message(
    report: RouterReport, changes: VerdictChanges, now: float, about: RevisionId, *, is_known: bool
) -> SummaryMessage:
    """Return what this router sends of itself at `now`."""
    return SummaryMessage(
        protocol=PROTOCOL,
        version=report["version"],
        name=report["name"],
        now=now,
        head=RevisionId(report["serial_no"], report["fingerprint"]),
        about=about,
        is_known=is_known,
        applied=_sent(report["applied"]),
        role=report["role"],
        sync=SyncPart(state=report["sync"], connections=_sent(report["connections"])),
        owners=OwnersPart(
            own=_SIGN_OF[report["has_addresses"]],
            heard=_SIGN_OF[report["hears_owner"]],
            reaches=_SIGN_OF[report["reaches"]],
            ago_ms=min(round(report["ago_s"] * 1000), AGO_MS_MAX),
            dispute=report["dispute"],
        ),
        story=tuple(StoryEntry(at=line["at"], text=line["text"]) for line in report["story"]),
        changed=changes.rows,
        gone=tuple(changes.gone),
        is_all=changes.is_all,
    )


def _sent(count: int | None) -> int:
    return -1 if count is None else count


def _known(count: int) -> int | None:
    return None if count < 0 else count


class RevisionMessage(MessagePart, frozen=True, kw_only=True, tag_field="verb", tag="revision"):
    """A revision, its lvs.cf compressed in `data`. `links` lead to the receiver's revision; empty: they do not."""

    version: RevisionId = msgspec.field(name="revision")
    at: Moment
    author: Text
    summary: Text
    links: Annotated[tuple[LineageLink, ...], Meta(max_length=LINKS_MAX)]
    data: Annotated[bytes, Meta(max_length=DATA_MAX)]


def revision_message(
    version: RevisionId, at: float, author: str, summary: str, links: tuple[LineageLink, ...], lvs_cf: bytes
) -> RevisionMessage:
    """Return the message that carries a revision."""
    data = zlib.compress(lvs_cf, _COMPRESSION)
    return RevisionMessage(version=version, at=at, author=author, summary=summary, links=links, data=data)


def read_content(revision: RevisionMessage) -> bytes:
    """Return the lvs.cf of a revision; raise MalformedMessage where it or its line cannot be right."""
    if revision.version.serial_no > SERIAL_TAKEN_MAX:
        raise MalformedMessage(
            f"A revision has the serial {revision.version.serial_no}; at most {SERIAL_TAKEN_MAX} is accepted."
        )
    for link in revision.links:
        _check_link(link)
    content = _decompress(revision.data)
    if revision.version.is_nothing or hashlib.sha256(content).hexdigest() != revision.version.fingerprint:
        raise MalformedMessage("The content of a revision does not match its fingerprint.")
    return content


def _check_link(link: LineageLink) -> None:
    for version in (link.version, *link.parents):
        if version.is_nothing or not version.fingerprint:
            raise MalformedMessage("The line of a revision names a revision without serial or fingerprint.")
    if any(parent.serial_no >= link.version.serial_no for parent in link.parents):
        raise MalformedMessage("The line of a revision names a parent that is not older than its child.")


def _decompress(data: bytes) -> bytes:
    try:
        opener = zlib.decompressobj()
        content = opener.decompress(data, DATA_MAX)
    except zlib.error as error:
        raise MalformedMessage("The content of a revision is not zlib data.") from error
    if not opener.eof or opener.unused_data:
        raise MalformedMessage(f"The content of a revision is not zlib data of at most {DATA_MAX} bytes.")
    return content


class FetchMessage(MessagePart, frozen=True, tag_field="verb", tag="fetch"):
    """A request for the receiver's revision, by a router that has the revision `have`."""

    have: RevisionId


class TakenMessage(MessagePart, frozen=True, tag_field="verb", tag="taken"):
    """The answer to a revision: `why` it was refused, empty: it was accepted."""

    why: Text


class NothingMessage(MessagePart, frozen=True, tag_field="verb", tag="nothing"):
    """The answer to a fetch where there is no other revision."""


Request = SummaryMessage | RevisionMessage | FetchMessage
Answer = SummaryMessage | RevisionMessage | TakenMessage | NothingMessage
REQUEST: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
SUMMARY = msgspec.json.Decoder(SummaryMessage)
TAKEN = msgspec.json.Decoder(TakenMessage)
FETCHED: msgspec.json.Decoder[RevisionMessage | NothingMessage] = msgspec.json.Decoder(
    RevisionMessage | NothingMessage
)
