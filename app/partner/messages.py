"""What the two routers say to each other, as values and as documents: a summary, and a revision. Nothing else."""

import hashlib
import zlib
from dataclasses import dataclass, field
from typing import Any

from app.lvs.pair.lineage import NOTHING, LineageLink, RevisionId
from app.lvs.reports.pair import STORY_KEPT, STORY_TEXT_MAX
from app.partner.failures import MalformedMessage
from app.partner.message_fields import SERIAL_MAX, MessageFields, checked_version, encoded
from app.partner.verdicts import VerdictChanges, news_document, read_news

PROTOCOL = 1
"""Raised when a message changes its meaning; new fields alone do not, as unknown ones are passed over."""
NAME_MAX = 64
CONNECTIONS_MAX = 2**40
AGO_MS_MAX = 3_600_000
LINKS_MAX = 20_000
PARENTS_MAX = 8
SERIAL_TAKEN_MAX = 2**30
"""No partner may use up the serials of this router, which then could accept nothing any more."""
SUMMARY_MAX = 4 << 20
REVISION_MAX = 96 << 20
_COMPRESSION = 1
_SIGN_OF = {None: -1, False: 0, True: 1}
_OF_SIGN: dict[int, bool | None] = {sign: known for known, sign in _SIGN_OF.items()}


@dataclass(frozen=True, slots=True)
class Summary:
    """What one router tells of itself every second.

    `about` is the other's version it last heard of, and `is_known` whether that is in its own line.
    `applied` is the serial its pulse runs, None: its pulse is silent. `role` is empty where it has none.
    `sync` is what its sync daemon does, and `connections` how many it knows; `has_addresses`: it has the virtual
    IPs, `hears_owner`: it hears by VRRP that the other has; `reaches`: somebody on its network answers it. All
    this its pulse said `ago_s` ago. `dispute` is what it sees wrong with who has them, and `story` the last it
    told of the pair. Empty and None, too, where it is of a version that does not tell.
    """

    version: str
    name: str
    now: float
    head: RevisionId
    about: RevisionId
    is_known: bool
    applied: int | None
    role: str
    sync: str
    connections: int | None
    has_addresses: bool | None
    hears_owner: bool | None
    reaches: bool | None
    ago_s: float
    dispute: str
    story: tuple[tuple[float, str], ...]
    news: VerdictChanges


def summary_document(summary: Summary) -> dict[str, Any]:
    """Return a summary as it is sent."""
    return {
        "verb": "summary",
        "protocol": PROTOCOL,
        "version": summary.version,
        "name": summary.name,
        "now": summary.now,
        "head": version_document(summary.head),
        "about": version_document(summary.about),
        "is_known": summary.is_known,
        "applied": -1 if summary.applied is None else summary.applied,
        "role": summary.role,
        "sync": {
            "state": summary.sync,
            "connections": -1 if summary.connections is None else summary.connections,
        },
        "owners": {
            "own": _SIGN_OF[summary.has_addresses],
            "heard": _SIGN_OF[summary.hears_owner],
            "reaches": _SIGN_OF[summary.reaches],
            "ago_ms": min(round(summary.ago_s * 1000), AGO_MS_MAX),
            "dispute": summary.dispute,
        },
        "story": [list(line) for line in summary.story],
        **news_document(summary.news),
    }


def read_summary(document: dict[str, Any]) -> Summary:
    """Return the summary a document is; raise Malformed."""
    fields = MessageFields(document)
    protocol = fields.number("protocol", 1, 1_000_000)
    if protocol != PROTOCOL:
        raise MalformedMessage(
            f"The other router speaks protocol {protocol}, this one {PROTOCOL}: bring both to one version "
            "of Palometa."
        )
    applied = fields.number("applied", -1, SERIAL_MAX)
    sync = fields.inner("sync")
    connections = sync.number("connections", -1, CONNECTIONS_MAX) if sync else -1
    owners = fields.inner("owners")
    return Summary(
        version=fields.text("version", NAME_MAX),
        name=fields.text("name", NAME_MAX),
        now=fields.moment("now"),
        head=fields.version("head"),
        about=fields.version("about"),
        is_known=fields.flag("is_known"),
        applied=None if applied < 0 else applied,
        role=fields.text("role", NAME_MAX),
        sync=sync.text("state", NAME_MAX) if sync else "",
        connections=None if connections < 0 else connections,
        has_addresses=_OF_SIGN[owners.number("own", -1, 1)] if owners else None,
        hears_owner=_sign(owners, "heard"),
        reaches=_sign(owners, "reaches"),
        ago_s=owners.number("ago_ms", 0, AGO_MS_MAX) / 1000 if owners and owners.has("ago_ms") else 0.0,
        dispute=owners.text("dispute", NAME_MAX) if owners else "",
        story=_story(fields),
        news=read_news(fields),
    )


def _sign(fields: MessageFields | None, name: str) -> bool | None:
    return _OF_SIGN[fields.number(name, -1, 1)] if fields and fields.has(name) else None


def _story(fields: MessageFields) -> tuple[tuple[float, str], ...]:
    lines = fields.array("story", STORY_KEPT) if fields.has("story") else []
    if not all(isinstance(line, list) and len(line) == 2 for line in lines):
        raise MalformedMessage("A line of what happened is not a time and a text.")
    read = [MessageFields({"at": at, "text": text}) for at, text in lines]
    return tuple((line.moment("at"), line.text("text", STORY_TEXT_MAX)) for line in read)


@dataclass(frozen=True, slots=True)
class SentRevision:
    """A revision on its way: `links` is how it comes from what the other has, empty: it does not."""

    version: RevisionId
    at: float
    author: str
    summary: str
    links: tuple[LineageLink, ...]
    data: bytes = field(repr=False)


def revision_document(revision: SentRevision) -> dict[str, Any]:
    """Return a revision as it is sent."""
    return {
        "verb": "revision",
        "revision": version_document(revision.version),
        "at": revision.at,
        "author": revision.author,
        "summary": revision.summary,
        "links": [
            [version_document(link.version), [version_document(parent) for parent in link.parents]]
            for link in revision.links
        ],
        "data": encoded(zlib.compress(revision.data, _COMPRESSION)),
    }


def read_revision(document: dict[str, Any]) -> SentRevision:
    """Return the revision a document is, whose content is what its version says; raise Malformed."""
    fields = MessageFields(document)
    version, data = fields.version("revision"), fields.data("data")
    if version.serial_no > SERIAL_TAKEN_MAX:
        raise MalformedMessage(
            f"A revision has the serial {version.serial_no}; at most {SERIAL_TAKEN_MAX} is taken."
        )
    if version.is_nothing or hashlib.sha256(data).hexdigest() != version.fingerprint:
        raise MalformedMessage("The content of a revision is not the one its fingerprint names.")
    return SentRevision(
        version,
        fields.moment("at"),
        fields.text("author"),
        fields.text("summary"),
        tuple(_link(link) for link in fields.array("links", LINKS_MAX)),
        data,
    )


def version_document(version: RevisionId) -> list[Any]:
    """Return the identity of a revision as it is sent."""
    return [version.serial_no, version.fingerprint]


def sendable(text: str, most: int) -> str:
    """Return `text` as a message may hold it: one printable line, not too long."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()[:most]


def _link(value: Any) -> LineageLink:
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[1], list):
        raise MalformedMessage("A link of a revision is not a version and what it was made from.")
    if len(value[1]) > PARENTS_MAX:
        raise MalformedMessage(f"A revision was made from more than {PARENTS_MAX} others.")
    version = checked_version(value[0], "links")
    parents = tuple(checked_version(parent, "links") for parent in value[1])
    if version == NOTHING or any(parent.serial_no >= version.serial_no or parent.is_nothing for parent in parents):
        raise MalformedMessage("A revision was made from one that is not older.")
    return LineageLink(version, parents)
