"""`palometa partner`: keeps two routers at one configuration, and each informed of the other. No privilege.

Threads, as all it does is wait for others: one takes the partner's connections, one calls it, one asks pulse, and
one answers the pages.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from app.accept.accept import catch_up
from app.host.lvs_cf_file import LvsCfUnwritable
from app.host.pinned_tls import Identity, IdentityFailed, fingerprint, load_identity
from app.lvs.pair.lineage import Relation
from app.lvs.reports.partner import PartnerReport, StandingWord
from app.partner.caller import Caller
from app.partner.control import PartnerControl
from app.partner.listener import Listener
from app.partner.local_state import LocalState
from app.partner.message_fields import MessageFields
from app.partner.messages import NAME_MAX, sendable
from app.partner.pairing import Pairing, pair_with
from app.partner.remote_state import SHOWN_MAX, RemoteState
from app.settings import Settings
from app.store import Store, StoreBusy, StoreFailed

log = logging.getLogger(__name__)

PULSE_EVERY_S = 1.0
ADDRESS_MAX = 255
_WORDS: dict[Relation | None, StandingWord] = {
    Relation.AGREED: "agreed",
    Relation.AHEAD: "ahead",
    Relation.BEHIND: "behind",
    Relation.DIVERGED: "diverged",
    None: "unknown",
}


class PartnerFailed(Exception):
    """`palometa partner` cannot run; the message says why and what to do."""


class PartnerDaemon:
    """All parts of it; `run` lasts until `stop`."""

    def __init__(self, settings: Settings, store: Store) -> None:
        """Open what can fail to open; raise PartnerFailed."""
        self._settings = settings
        self._store = store
        self._identity = _identity(settings)
        self._ours = LocalState(settings, store)
        self._theirs = RemoteState()
        self._pairing = Pairing(self._identity, store, self._ours.name)
        self._caller = Caller(settings, store, self._identity, self._ours, self._theirs)
        self._listener = self._listen()
        self._stopping = threading.Event()
        self._has_failed = False

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        verbs: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "status": self._status,
            "code": self._code,
            "withdraw": self._withdraw,
            "pair": self._pair,
            "look": self._nudge,
        }
        control = PartnerControl(self._settings.partner_socket, verbs)
        control.start()
        threads = [threading.Thread(target=part.run, daemon=True) for part in (self._listener, self._caller)]
        threading.excepthook = partial(self._hear_of, threads)
        for thread in threads:
            thread.start()
        log.info("listening at %s", self._listener.place)
        self._catch_up()
        while not self._stopping.is_set():
            self._look_at_pulse()
            self._stopping.wait(PULSE_EVERY_S)
        self._settings.partner_socket.unlink(missing_ok=True)
        self._caller.stopping.set()
        self._caller.bell.set()
        self._listener.close()
        for thread in threads:
            thread.join(timeout=5)
        if self._has_failed:
            raise PartnerFailed(
                "a part of it met a case it was not made for; what it said stands above. Start it again."
            )

    def _hear_of(self, threads: list[threading.Thread], failure: threading.ExceptHookArgs) -> None:
        """Log what ended a thread; without one of `threads` the whole is better started anew."""
        found = failure.exc_value
        log.error("a thread ended", exc_info=(failure.exc_type, found, failure.exc_traceback) if found else None)
        if failure.thread in threads:
            self._has_failed = True
            self._stopping.set()

    def _listen(self) -> Listener:
        settings = self._settings
        try:
            return Listener(
                settings, self._store, self._identity, self._pairing, self._ours, self._theirs, self._caller.bell
            )
        except OSError as error:
            where = settings.partner_address or "every address"
            raise PartnerFailed(
                f"nothing can listen at {where} port {settings.partner_port}: {error.strerror or error}. End what "
                "does, or set PALOMETA_PARTNER_ADDRESS or PALOMETA_PARTNER_PORT to another."
            ) from error

    def _catch_up(self) -> None:
        """Write an lvs.cf that is late: we may have ended between taking a revision and writing it."""
        try:
            if catch_up(self._settings, self._store):
                log.info("%s was not yet the last accepted configuration; it is now", self._settings.lvs_cf)
        except (LvsCfUnwritable, StoreBusy, StoreFailed) as failed:
            log.error("lvs.cf may be late. %s", failed)

    def _look_at_pulse(self) -> None:
        try:
            if self._store.partners.find() is not None:
                self._ours.poll_pulse(self._theirs.word(self._ours.head()))
        except (StoreBusy, StoreFailed) as failed:
            log.error("%s", failed)

    def _code(self, arguments: Mapping[str, Any]) -> str:
        log.info("a pairing code is shown to %s", _who(arguments))
        return self._pairing.show()

    def _withdraw(self, arguments: Mapping[str, Any]) -> None:
        self._pairing.withdraw()

    def _pair(self, arguments: Mapping[str, Any]) -> str:
        fields = MessageFields(dict(arguments))
        where, port = fields.text("address", ADDRESS_MAX), fields.number("port", 1, 65535)
        own_port = self._settings.partner_port
        name = pair_with(where, port, fields.text("code"), own_port, self._identity, self._ours.name, self._store)
        log.info("paired with %s at %s port %d by %s", name, where, port, _who(arguments))
        self._pairing.withdraw()
        self._caller.bell.set()
        return name

    def _nudge(self, arguments: Mapping[str, Any]) -> None:
        self._caller.bell.set()

    def _status(self, arguments: Mapping[str, Any]) -> PartnerReport:
        partner = self._store.partners.find()
        head = self._ours.head()
        theirs = self._theirs
        stand = None
        if partner is not None and theirs.heard_at is not None:
            stand = theirs.standing(head, self._ours.is_known(theirs.head, head))
        there, here = theirs.paths
        compared, different = theirs.compare(self._ours.verdicts)
        ours = self._ours.told(head)
        return {
            "now": time.time(),
            "listening": self._listener.place,
            "fingerprint": self._identity.fingerprint.hex(),
            "code": self._pairing.report,
            "paired": partner.name if partner else "",
            "address": partner.address if partner else "",
            "port": partner.port if partner else 0,
            "paired_at": partner.paired_at.timestamp() if partner else 0.0,
            "their_fingerprint": fingerprint(partner.certificate).hex() if partner else "",
            "there": there,
            "here": here,
            "heard_at": theirs.heard_at,
            "standing": _WORDS[stand],
            "ours": ours,
            "theirs": theirs.told(),
            "clock_s": theirs.clock_s,
            "refused": theirs.refusal(head),
            "compared": compared if ours["applied"] is not None else None,
            "different": len(different),
            "verdicts": different[:SHOWN_MAX],
        }


def _who(arguments: Mapping[str, Any]) -> str:
    return sendable(str(arguments.get("by", "")), NAME_MAX) or "somebody"


def _identity(settings: Settings) -> Identity:
    try:
        settings.state_directory.mkdir(parents=True, exist_ok=True)
        return load_identity(settings.partner_identity)
    except OSError as error:
        raise PartnerFailed(
            f"cannot make {settings.state_directory}: {error.strerror}. Set PALOMETA_STATE_DIRECTORY to a "
            "directory "
            "this user may write to."
        ) from error
    except IdentityFailed as failed:
        raise PartnerFailed(str(failed)) from failed
