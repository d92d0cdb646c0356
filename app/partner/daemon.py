"""`palometa partner`: keeps two routers at the same configuration, and each informed of the other. No privilege.

It uses threads, as all it does is wait for others: one accepts the partner's connections, one connects to it, one
asks pulse, and one answers the pages.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from app.accept.accept import catch_up
from app.host.files.atomic_file import FileUnwritable
from app.host.pinned_tls import Identity, IdentityFailed, fingerprint, load_identity
from app.lvs.pair.lineage import Relation
from app.lvs.reports.partner import NAME_MAX, PartnerReport, StandingWord
from app.partner.caller import Caller
from app.partner.control import PartnerControl
from app.partner.encoding import Text, sendable
from app.partner.failures import MalformedMessage
from app.partner.listener import Listener
from app.partner.local_state import LocalState
from app.partner.pairing import Pairing, PartnerPort, pair_with
from app.partner.remote_state import DIFFERENCES_MAX, RemoteState
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


class PairCommand(Struct, frozen=True):
    """The arguments of the verb "pair"."""

    address: Annotated[str, Meta(max_length=ADDRESS_MAX)]
    port: PartnerPort
    code: Text


class PartnerDaemon:
    """Owns all parts; `run` lasts until a signal or a failure ends it."""

    def __init__(self, settings: Settings, store: Store) -> None:
        """Open everything that can fail to open; raise PartnerFailed."""
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
        threading.excepthook = partial(self._on_thread_error, threads)
        for thread in threads:
            thread.start()
        log.info("listening on %s", self._listener.place)
        self._catch_up()
        while not self._stopping.is_set():
            self._poll_pulse()
            self._stopping.wait(PULSE_EVERY_S)
        self._settings.partner_socket.unlink(missing_ok=True)
        self._caller.stopping.set()
        self._caller.bell.set()
        self._listener.close()
        for thread in threads:
            thread.join(timeout=5)
        if self._has_failed:
            raise PartnerFailed(
                "an unexpected error ended one of its threads; the log above has the details. Start it again."
            )

    def _on_thread_error(self, threads: list[threading.Thread], failure: threading.ExceptHookArgs) -> None:
        """Log what ended a thread; end the process if it is one of `threads`, so that it is restarted."""
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
                f"cannot listen on {where} port {settings.partner_port}: {error.strerror or error}. Stop the "
                "process that uses it, or change PALOMETA_PARTNER_ADDRESS or PALOMETA_PARTNER_PORT."
            ) from error

    def _catch_up(self) -> None:
        """Write lvs.cf if it is out of date: we may have ended between accepting a revision and writing it."""
        try:
            if catch_up(self._settings, self._store):
                log.info("%s was out of date; wrote the last accepted configuration", self._settings.lvs_cf)
        except (FileUnwritable, StoreBusy, StoreFailed) as failed:
            log.error("lvs.cf may be out of date. %s", failed)

    def _poll_pulse(self) -> None:
        try:
            if self._store.partners.find() is not None:
                self._ours.poll_pulse(self._theirs.summary(self._ours.head()))
        except (StoreBusy, StoreFailed) as failed:
            log.error("%s", failed)

    def _code(self, arguments: Mapping[str, Any]) -> str:
        log.info("a pairing code is displayed to %s", _who(arguments))
        return self._pairing.show()

    def _withdraw(self, arguments: Mapping[str, Any]) -> None:
        self._pairing.withdraw()

    def _pair(self, arguments: Mapping[str, Any]) -> str:
        try:
            asked = msgspec.convert(arguments, PairCommand)
        except msgspec.ValidationError as error:
            raise MalformedMessage(f"The router cannot be paired: {error}.") from error
        own_port = self._settings.partner_port
        name = pair_with(
            asked.address, asked.port, asked.code, own_port, self._identity, self._ours.name, self._store
        )
        log.info("paired with %s at %s port %d by %s", name, asked.address, asked.port, _who(arguments))
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
        ours = self._ours.report(head)
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
            "theirs": theirs.report(),
            "clock_s": theirs.clock_s,
            "refused": theirs.refusal(head),
            "compared": compared if ours["applied"] is not None else None,
            "different": len(different),
            "verdicts": different[:DIFFERENCES_MAX],
        }


def _who(arguments: Mapping[str, Any]) -> str:
    return sendable(str(arguments.get("by", "")), NAME_MAX) or "somebody"


def _identity(settings: Settings) -> Identity:
    try:
        settings.state_directory.mkdir(parents=True, exist_ok=True)
        return load_identity(settings.partner_identity)
    except OSError as error:
        raise PartnerFailed(
            f"cannot create {settings.state_directory}: {error.strerror}. Set PALOMETA_STATE_DIRECTORY to a "
            "directory that this user may write to."
        ) from error
    except IdentityFailed as failed:
        raise PartnerFailed(str(failed)) from failed
