"""Our connection to the partner: made again whenever it breaks, used every second, and at once after a change."""

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
"""Rounds until what was refused is sent once more: what stood in its way may be mended."""


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
        """Call the partner, if there is one, again and again."""
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
                    log.warning("the partner is not reached: %s", why)
                self._theirs.reach(why)
                pause_s = min(pause_s * 2, AGAIN_MAX_S)
            except (StoreBusy, StoreFailed) as failed:
                log.error("%s", failed)
            self._wait(pause_s)

    def _wait(self, seconds: float) -> None:
        self.bell.wait(seconds)
        self.bell.clear()

    def _call(self, partner: Partner) -> None:
        """Talk to `partner` until it is the partner no more, or the connection breaks."""
        with socket.create_connection((partner.address, partner.port), CONNECT_WITHIN_S) as plain:
            plain.settimeout(CONNECT_WITHIN_S)
            with calling(self._identity, partner.certificate).wrap_socket(plain) as connection:
                if connection.getpeercert(binary_form=True) != partner.certificate:
                    raise TalkFailed("Another certificate than the partner's answers there. Pair again.")
                exchange = PartnerSession(
                    Channel(connection), self._settings, self._store, self._ours, self._theirs, partner.address
                )
                self._talk(exchange, partner)

    def _talk(self, exchange: PartnerSession, partner: Partner) -> None:
        rounds_behind = rounds_refused = 0
        while not self.stopping.is_set() and self._store.partners.find() == partner:
            stand = exchange.ask_summary()
            self._theirs.reach()
            rounds_behind = rounds_behind + 1 if stand is Relation.BEHIND else 0
            head = self._ours.head()
            rounds_refused = rounds_refused + 1 if self._theirs.was_refused(head) else 0
            if stand is Relation.AHEAD and rounds_refused % REFUSED_AGAIN == 0:
                exchange.send_head()
                continue
            # It sends what we lack by its own connection; where that does not work, we ask.
            if (
                stand is Relation.BEHIND
                and rounds_behind > 2
                and (not self._theirs.was_refused(self._theirs.head) or rounds_behind % REFUSED_AGAIN == 0)
            ):
                exchange.fetch_head()
            self._follow_offer(exchange, stand)
            self._wait(EVERY_S)

    def _follow_offer(self, exchange: PartnerSession, stand: Relation | None) -> None:
        """Have the partner's configuration at hand while a person has to choose, and only then."""
        if stand is None:
            return
        offer = self._store.partners.offer_version()
        if stand is not Relation.DIVERGED:
            if offer is not None:
                self._store.partners.drop_offer()
            return
        if offer != self._theirs.head:
            log.warning(
                "both routers were edited and neither is newer: somebody has to choose on the page PARTNER"
            )
            exchange.fetch_head()
