"""Our connection to the partner: used every second and immediately after a change, reopened whenever it breaks."""

import logging
import socket
import threading

from app.host.pinned_tls import Identity, calling
from app.lvs.pair.lineage import Relation
from app.partner.channel import Channel, talk_failed
from app.partner.failures import TalkFailed
from app.partner.local_state import LocalState
from app.partner.remote_state import RemoteState
from app.partner.session import PartnerSession
from app.settings import Settings
from app.store import Partner, Store, StoreBusy, StoreFailed

log = logging.getLogger(__name__)

EVERY_S = 1.0
AGAIN_MAX_S = 5.0
CONNECT_WITHIN_S = 5.0
REFUSED_AGAIN = 30
"""Rounds until a refused revision is sent again, as the reason may have been fixed."""


class Caller:
    """Runs in a thread of its own until `stopping` is set; `bell` wakes it."""

    def __init__(
        self, settings: Settings, store: Store, identity: Identity, ours: LocalState, theirs: RemoteState
    ) -> None:
        self._settings = settings
        self._store = store
        self._identity = identity
        self._ours = ours
        self._theirs = theirs
        self.bell = threading.Event()
        self.stopping = threading.Event()

    def run(self) -> None:
        """Keep a connection to the partner open, while there is one."""
        pause_s = EVERY_S
        known: Partner | None = None
        while not self.stopping.is_set():
            try:
                partner = self._store.partners.find()
                if partner != known:
                    self._theirs.forget()
                    known = partner
                if partner is not None:
                    self._call(partner)
                pause_s = EVERY_S
            except (TalkFailed, OSError) as failed:
                why = str(failed) if isinstance(failed, TalkFailed) else str(talk_failed(failed))
                if self._theirs.paths[0]["why"] != why:
                    log.warning("cannot reach the partner: %s", why)
                self._theirs.reach(why)
                pause_s = min(pause_s * 2, AGAIN_MAX_S)
            except (StoreBusy, StoreFailed) as failed:
                log.error("%s", failed)
            self._wait(pause_s)

    def _wait(self, seconds: float) -> None:
        self.bell.wait(seconds)
        self.bell.clear()

    def _call(self, partner: Partner) -> None:
        """Talk to `partner` until it is unpaired or the connection breaks."""
        with socket.create_connection((partner.address, partner.port), CONNECT_WITHIN_S) as plain:
            plain.settimeout(CONNECT_WITHIN_S)
            with calling(self._identity, partner.certificate).wrap_socket(plain) as connection:
                if connection.getpeercert(binary_form=True) != partner.certificate:
                    raise TalkFailed("Another certificate than the partner's was presented there. Pair again.")
                session = PartnerSession(
                    Channel(connection), self._settings, self._store, self._ours, self._theirs, partner.address
                )
                self._talk(session, partner)

    def _talk(self, session: PartnerSession, partner: Partner) -> None:
        rounds_behind = rounds_refused = 0
        while not self.stopping.is_set() and self._store.partners.find() == partner:
            stand = session.exchange_summaries()
            self._theirs.reach()
            rounds_behind = rounds_behind + 1 if stand is Relation.BEHIND else 0
            head = self._ours.head()
            rounds_refused = rounds_refused + 1 if self._theirs.was_refused(head) else 0
            if stand is Relation.AHEAD and rounds_refused % REFUSED_AGAIN == 0:
                session.send_head()
                continue
            # It sends newer revisions over its own connection; where that does not work, we request them.
            if (
                stand is Relation.BEHIND
                and rounds_behind > 2
                and (not self._theirs.was_refused(self._theirs.head) or rounds_behind % REFUSED_AGAIN == 0)
            ):
                session.fetch_head()
            self._follow_offer(session, stand)
            self._wait(EVERY_S)

    def _follow_offer(self, session: PartnerSession, stand: Relation | None) -> None:
        """Keep the partner's configuration while an administrator has to choose, and only then."""
        if stand is None:
            return
        offer = self._store.partners.offer_version()
        if stand is not Relation.DIVERGED:
            if offer is not None:
                self._store.partners.drop_offer()
            return
        if offer != self._theirs.head:
            log.warning(
                "both routers were edited and neither is newer: choose a configuration on the page PARTNER"
            )
            session.fetch_head()
