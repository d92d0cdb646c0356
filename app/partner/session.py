"""One conversation on one connection, whichever side began it: summaries there and back, and revisions."""

import logging
import time
from typing import Any

from app import __version__
from app.lvs.pair.lineage import NOTHING, Relation, RevisionId
from app.partner.channel import Channel
from app.partner.failures import MalformedMessage, NotTaken
from app.partner.local_state import LocalState
from app.partner.message_fields import MessageFields
from app.partner.messages import (
    LINKS_MAX,
    REVISION_MAX,
    SUMMARY_MAX,
    SentRevision,
    Summary,
    read_revision,
    read_summary,
    revision_document,
    sendable,
    summary_document,
    version_document,
)
from app.partner.remote_state import RemoteState
from app.partner.revision_intake import keep, take
from app.partner.verdicts import Hearer, Teller
from app.settings import Settings
from app.store import Store

log = logging.getLogger(__name__)

SUMMARY_WITHIN_S = 10.0
REVISION_WITHIN_S = 60.0
_TEXT_MAX = 480


class PartnerSession:
    """Used by the thread of its connection; what it learns it tells `theirs`, which all threads read."""

    def __init__(
        self,
        channel: Channel,
        settings: Settings,
        store: Store,
        ours: LocalState,
        theirs: RemoteState,
        remote: str,
    ) -> None:
        self._channel = channel
        self._settings = settings
        self._store = store
        self._ours = ours
        self._theirs = theirs
        self._remote = remote
        self._teller = Teller()
        self._hearer = Hearer()
        self._about = NOTHING

    # as the one who called

    def ask_summary(self) -> Relation | None:
        """Tell our summary, hear theirs, and return how we stand; None: not known before the next time."""
        sent_at = time.time()
        self._channel.send(summary_document(self._summary()), SUMMARY_WITHIN_S)
        answer = read_summary(self._channel.receive(SUMMARY_MAX, SUMMARY_WITHIN_S))
        self._theirs.measure(sent_at, answer.now, time.time())
        self._hear(answer)
        head = self._ours.head()
        return self._theirs.standing(head, self._ours.is_known(answer.head, head))

    def send_head(self) -> None:
        """Send what we have to the other router, which lacks it."""
        sent = self._sent(self._theirs.head)
        if sent is None:
            return
        self._channel.send(revision_document(sent), REVISION_WITHIN_S)
        answer = MessageFields(self._channel.receive(SUMMARY_MAX, REVISION_WITHIN_S))
        why = answer.text("why")
        if why:
            log.warning("serial %d was not taken by the partner: %s", sent.version.serial_no, why)
        else:
            log.info("serial %d was taken by the partner", sent.version.serial_no)
        self._theirs.refuse(sent.version, why)

    def fetch_head(self) -> None:
        """Ask for what the other router has, and take it, or keep it where neither is newer."""
        question = {"verb": "fetch", "have": version_document(self._ours.head())}
        self._channel.send(question, SUMMARY_WITHIN_S)
        document = self._channel.receive(REVISION_MAX, REVISION_WITHIN_S)
        if document.get("verb") != "revision":
            return
        sent = read_revision(document)
        if sent.links:
            self._theirs.refuse(sent.version, self._take(sent))
        else:
            keep(self._store, sent)

    # as the one who was called

    def answer(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a message; raise Malformed for one that is none of ours."""
        match document.get("verb"):
            case "summary":
                # Theirs is heard first, so that ours says at once whether it is known here.
                self._hear(read_summary(document))
                return summary_document(self._summary())
            case "revision":
                sent = read_revision(document)
                why = self._take(sent)
                self._theirs.refuse(sent.version, why)
                return {"verb": "taken", "why": why}
            case "fetch":
                sent_head = self._sent(MessageFields(document).version("have"))
                return {"verb": "nothing"} if sent_head is None else revision_document(sent_head)
        raise MalformedMessage("The other side asked for something that is not answered.")

    def _summary(self) -> Summary:
        head = self._ours.head()
        told = self._ours.told(head)
        return Summary(
            version=__version__,
            name=told["name"],
            now=time.time(),
            head=head,
            about=self._about,
            is_known=self._ours.is_known(self._about, head),
            applied=told["applied"],
            role=told["role"],
            sync=told["sync"],
            connections=told["connections"],
            has_addresses=told["has_addresses"],
            hears_owner=told["hears_owner"],
            reaches=told["reaches"],
            ago_s=told["ago_s"],
            dispute=told["dispute"],
            story=tuple((line["at"], line["text"]) for line in told["story"]),
            news=self._teller.news(self._ours.verdicts),
        )

    def _hear(self, summary: Summary) -> None:
        self._about = summary.head
        self._theirs.receive(summary, self._hearer.apply(summary.news))

    def _take(self, sent: SentRevision) -> str:
        """Take a revision; return why it is not taken, empty: it is."""
        try:
            trouble = take(self._settings, self._store, sent, self._remote)
        except NotTaken as not_taken:
            log.warning("serial %d of the partner is not taken: %s", sent.version.serial_no, not_taken)
            return sendable(str(not_taken), _TEXT_MAX)
        log.info("serial %d of the partner, by %s, is taken", sent.version.serial_no, sent.author)
        if trouble:
            log.error("%s", trouble)
        return ""

    def _sent(self, have: RevisionId) -> SentRevision | None:
        """Return what we have, with how it comes from what the other has; None: there is nothing, or the same."""
        head = self._ours.head()
        revision = self._store.revision(head.serial_no)
        if revision is None or head == have:
            return None
        links = self._store.partners.descent(head, have) or []
        # A router that has nothing takes all the same; it learns the last part of the line.
        links = links[:LINKS_MAX] if have.is_nothing else links if len(links) <= LINKS_MAX else []
        return SentRevision(
            head,
            revision.at.timestamp(),
            sendable(revision.author, _TEXT_MAX) or "somebody",
            sendable(revision.summary, _TEXT_MAX),
            tuple(links),
            revision.data,
        )
