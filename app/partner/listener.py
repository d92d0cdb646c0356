"""The partner's connection to us: which peers are admitted, how many at once, and how long they may be silent.

A stranger gets no further than the TLS handshake or, while a pairing code is displayed, one short message.
"""

import logging
import socket
import ssl
import threading
from collections import Counter
from contextlib import ExitStack, suppress

from app.host.pinned_tls import Identity, listening
from app.partner.channel import Channel
from app.partner.failures import TalkFailed
from app.partner.local_state import LocalState
from app.partner.messages import REQUEST, REVISION_MAX, Request, RevisionMessage, SummaryMessage
from app.partner.pairing import MESSAGE_MAX, PAIR, Pairing
from app.partner.remote_state import RemoteState
from app.partner.session import SUMMARY_WITHIN_S, PartnerSession
from app.settings import Settings
from app.store import Partner, Store, StoreBusy, StoreFailed

log = logging.getLogger(__name__)

STRANGERS_MAX = 16
OF_ONE_ADDRESS_MAX = 4
GREETING_S = 5.0
"""For a stranger the whole connection, for the partner until its first message."""
SILENT_S = 30.0


class Listener:
    """Accepts connections in a thread of its own until `close`; each is served in its own thread."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        identity: Identity,
        pairing: Pairing,
        ours: LocalState,
        theirs: RemoteState,
        bell: threading.Event,
    ) -> None:
        self._settings = settings
        self._store = store
        self._identity = identity
        self._pairing = pairing
        self._ours = ours
        self._theirs = theirs
        self._bell = bell
        self._lock = threading.Lock()
        self._strangers: Counter[str] = Counter()
        self._admitted: socket.socket | None = None
        self._stopping = threading.Event()
        self._socket = _listen(settings.partner_address, settings.partner_port)

    @property
    def place(self) -> str:
        """The address and port it listens on."""
        address, port = self._socket.getsockname()[:2]
        return f"{'every address' if address in ('::', '0.0.0.0') else address}, port {port}"

    def run(self) -> None:
        """Accept connections."""
        while not self._stopping.is_set():
            try:
                connection, peer = self._socket.accept()
            except OSError:
                # Closed by us, or out of descriptors, some of which are free again soon.
                self._stopping.wait(0.1)
                continue
            remote = peer[0].removeprefix("::ffff:")
            if not self._admit(remote):
                connection.close()
                continue
            threading.Thread(target=self._serve, args=(connection, remote), daemon=True).start()

    def close(self) -> None:
        """Accept no more connections, and close the open one."""
        self._stopping.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with self._lock:
            _end(self._admitted)

    def _admit(self, remote: str) -> bool:
        """Count a stranger in, unless there are too many; others do not keep the partner's own address out."""
        with self._lock:
            if self._strangers[remote] >= OF_ONE_ADDRESS_MAX:
                return False
            if self._strangers.total() >= STRANGERS_MAX and not self._is_partners(remote):
                return False
            self._strangers[remote] += 1
            return True

    def _is_partners(self, remote: str) -> bool:
        try:
            partner = self._store.partners.find()
        except (StoreBusy, StoreFailed):
            return False
        return partner is not None and partner.address == remote

    def _forget(self, remote: str) -> None:
        with self._lock:
            self._strangers[remote] -= 1
            if not self._strangers[remote]:
                del self._strangers[remote]

    def _serve(self, plain: socket.socket, remote: str) -> None:
        with ExitStack() as stack:
            stack.callback(plain.close)
            stranger = stack.enter_context(ExitStack())
            stranger.callback(self._forget, remote)
            try:
                partner = self._store.partners.find()
                is_pairing = self._pairing.report is not None
                if partner is None and not is_pairing:
                    return
                context = listening(
                    self._identity, partner.certificate if partner else None, is_pairing=is_pairing
                )
                plain.settimeout(GREETING_S)
                connection = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
                stack.callback(connection.close)
                # A limit on each read alone would let a peer go on forever by sending a byte now and then.
                guard = threading.Timer(GREETING_S, _end, (connection,))
                guard.daemon = True
                guard.start()
                stranger.callback(guard.cancel)
                connection.do_handshake()
                certificate = connection.getpeercert(binary_form=True)
                channel = Channel(connection)
                if partner is not None and certificate == partner.certificate:
                    first = channel.receive(REQUEST, REVISION_MAX, GREETING_S)
                    stranger.close()
                    self._talk(connection, channel, first, partner, remote)
                elif is_pairing and certificate is None:
                    self._pair(channel, remote)
            except (TalkFailed, OSError) as failed:
                log.debug("a connection from %s ended: %s", remote, failed)
            except (StoreBusy, StoreFailed) as failed:
                log.error("%s", failed)

    def _pair(self, channel: Channel, remote: str) -> None:
        answer = self._pairing.answer(channel.receive(PAIR, MESSAGE_MAX, GREETING_S), remote, self._stopping)
        if answer.is_paired:
            log.info("paired with the router at %s", remote)
        else:
            log.warning("wrong pairing code from %s", remote)
        channel.send(answer, GREETING_S)
        self._bell.set()

    def _talk(
        self,
        connection: ssl.SSLSocket,
        channel: Channel,
        first: Request,
        partner: Partner,
        remote: str,
    ) -> None:
        """Answer `partner` until it is unpaired or falls silent."""
        with self._lock:
            # One is enough: an earlier one belongs to a partner process that has ended, or is half open.
            _end(self._admitted)
            self._admitted = connection
        # It is back, so connect to it now instead of waiting for the next attempt.
        self._bell.set()
        session = PartnerSession(channel, self._settings, self._store, self._ours, self._theirs, remote)
        request = first
        why = "It does not connect."
        try:
            while not self._stopping.is_set() and self._store.partners.find() == partner:
                answer = session.answer(request)
                self._theirs.be_reached()
                channel.send(answer, SUMMARY_WITHIN_S if isinstance(answer, SummaryMessage) else SILENT_S)
                if isinstance(request, RevisionMessage):
                    # Ours has changed: report that immediately.
                    self._bell.set()
                request = channel.receive(REQUEST, REVISION_MAX, SILENT_S)
        except TalkFailed as failed:
            why = str(failed)
            raise
        finally:
            with self._lock:
                is_last = self._admitted is connection
                if is_last:
                    self._admitted = None
            if is_last:
                self._theirs.be_reached(why)


def _listen(address: str, port: int) -> socket.socket:
    if address:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return socket.create_server((address, port), family=family)
    if socket.has_dualstack_ipv6():
        return socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server(("", port))


def _end(connection: socket.socket | None) -> None:
    if connection is not None:
        with suppress(OSError, ValueError):
            # Not the method of the TLS socket, after which the thread using it would go on in clear text.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
