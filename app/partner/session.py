"""One conversation over one connection, whichever side opened it: summaries both ways, and revisions."""

import logging
import time

from app.lvs.pair.lineage import NOTHING, Relation, RevisionId
from app.partner.channel import Channel
from app.partner.encoding import sendable
from app.partner.failures import NotTaken
from app.partner.local_state import LocalState
from app.partner.messages import (
    FETCHED,
    LINKS_MAX,
    REVISION_MAX,
    SUMMARY,
    SUMMARY_MAX,
    TAKEN,
    Answer,
    FetchMessage,
    NothingMessage,
    Request,
    RevisionMessage,
    SummaryMessage,
    TakenMessage,
    revision_message,
    summary_message,
)
from app.partner.remote_state import RemoteState
from app.partner.revision_intake import keep, take
from app.partner.verdicts import VerdictReceiver, VerdictSender
from app.settings import Settings
from app.store import Store

log = logging.getLogger(__name__)

SUMMARY_WITHIN_S = 10.0
REVISION_WITHIN_S = 60.0
_TEXT_MAX = 480


class PartnerSession:
    """Used by the thread of its connection; what it learns goes to `theirs`, which all threads read.

    The side that opened the connection calls the first three methods, the other side `answer`.
    """

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
        self._sender = VerdictSender()
        self._receiver = VerdictReceiver()
        self._about = NOTHING

    def exchange_summaries(self) -> Relation | None:
        """Send our summary, receive theirs, and return how the two configurations relate; None: not known yet."""
        sent_at = time.time()
        self._channel.send(self._summary(), SUMMARY_WITHIN_S)
        answer = self._channel.receive(SUMMARY, SUMMARY_MAX, SUMMARY_WITHIN_S)
        self._theirs.measure(sent_at, answer.now, time.time())
        self._learn(answer)
        head = self._ours.head()
        return self._theirs.standing(head, self._ours.is_known(answer.head, head))

    def send_head(self) -> None:
        """Send our revision to the other router, which does not have it."""
        sent = self._revision_since(self._theirs.head)
        if sent is None:
            return
        self._channel.send(sent, REVISION_WITHIN_S)
        why = self._channel.receive(TAKEN, SUMMARY_MAX, REVISION_WITHIN_S).why
        if why:
            log.warning("the partner refused serial %d: %s", sent.version.serial_no, why)
        else:
            log.info("the partner accepted serial %d", sent.version.serial_no)
        self._theirs.refuse(sent.version, why)

    def fetch_head(self) -> None:
        """Request the other router's revision, and accept it, or keep it as an offer where neither is newer."""
        self._channel.send(FetchMessage(have=self._ours.head()), SUMMARY_WITHIN_S)
        received = self._channel.receive(FETCHED, REVISION_MAX, REVISION_WITHIN_S)
        if isinstance(received, NothingMessage):
            return
        if received.links:
            self._theirs.refuse(received.version, self._take(received))
        else:
            keep(self._store, received)

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request."""
        match request:
            case SummaryMessage():
                # Theirs is read first, so that ours already says whether it is known here.
                self._learn(request)
                return self._summary()
            case RevisionMessage():
                why = self._take(request)
                self._theirs.refuse(request.version, why)
                return TakenMessage(why=why)
            case FetchMessage():
                return self._revision_since(request.have) or NothingMessage()

    def _summary(self) -> SummaryMessage:
        head = self._ours.head()
        changes = self._sender.changes(self._ours.verdicts)
        is_known = self._ours.is_known(self._about, head)
        return summary_message(self._ours.report(head), changes, time.time(), self._about, is_known=is_known)

    def _learn(self, summary: SummaryMessage) -> None:
        self._about = summary.head
        self._theirs.receive(summary, self._receiver.apply(summary.verdicts))

    def _take(self, revision: RevisionMessage) -> str:
        """Accept a revision; return why it is refused, empty: it is not."""
        serial_no = revision.version.serial_no
        try:
            problem = take(self._settings, self._store, revision, self._remote)
        except NotTaken as refused:
            log.warning("refused serial %d of the partner: %s", serial_no, refused)
            return sendable(str(refused), _TEXT_MAX)
        log.info("accepted serial %d of the partner, by %s", serial_no, revision.author)
        if problem:
            log.error("%s", problem)
        return ""

    def _revision_since(self, have: RevisionId) -> RevisionMessage | None:
        """Return our revision and how it descends from the other's; None: there is none, or it is the same."""
        head = self._ours.head()
        revision = self._store.revision(head.serial_no)
        if revision is None or head == have:
            return None
        links = self._store.partners.descent(head, have) or []
        # A router that has nothing accepts any revision; it learns the last part of the line.
        links = links[:LINKS_MAX] if have.is_nothing else links if len(links) <= LINKS_MAX else []
        return revision_message(
            head,
            revision.at.timestamp(),
            sendable(revision.author, _TEXT_MAX) or "somebody",
            sendable(revision.summary, _TEXT_MAX),
            tuple(links),
            revision.data,
        )
