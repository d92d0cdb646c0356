"""Pairing, both sides of it: one shows a code for ten minutes, the other is told it and calls."""

import hmac
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.host.pinned_tls import CERTIFICATE_MAX, Identity, fingerprint, introducing, is_certificate
from app.lvs.pair.pairing_code import SECRET_BITS, CodeRefused, PairingCode, parse_code
from app.lvs.reports.partner import CodeReport
from app.partner.channel import Channel, talk_failed
from app.partner.failures import MalformedMessage, PairingFailed, TalkFailed
from app.partner.message_fields import MessageFields, encoded
from app.partner.messages import NAME_MAX, PROTOCOL
from app.store import Store

LIFETIME_S = 600.0
TRIES = 5
PAUSE_S = 1.0
"""Before a wrong proof is answered; the next one waits for that."""
MESSAGE_MAX = 16_384
WITHIN_S = 10.0


@dataclass(slots=True)
class _Open:
    """A code that is shown; it lives in memory only, and ends with the process."""

    code: PairingCode
    ends: float
    ends_at: float
    tries_left: int = TRIES


class Pairing:
    """The code of this router, and the answer to who knows it. One caller at a time is answered."""

    def __init__(
        self, identity: Identity, store: Store, name: str, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._now = now
        self._identity = identity
        self._store = store
        self._name = name
        self._lock = threading.Lock()
        self._answering = threading.Lock()
        self._open: _Open | None = None

    def show(self) -> str:
        """Return a new code; the one before is good for nothing from now on."""
        code = PairingCode.of(self._identity.fingerprint, secrets.randbits(SECRET_BITS))
        with self._lock:
            self._open = _Open(code, self._now() + LIFETIME_S, time.time() + LIFETIME_S)
        return str(code)

    def withdraw(self) -> None:
        """Make the code that is shown good for nothing."""
        with self._lock:
            self._open = None

    @property
    def report(self) -> CodeReport | None:
        """The code that may be used now, without it."""
        with self._lock:
            shown = self._valid()
            return None if shown is None else {"expires_at": shown.ends_at, "tries_left": shown.tries_left}

    def answer(self, document: dict[str, Any], remote: str, stopping: threading.Event) -> dict[str, Any]:
        """Return the answer to a message of somebody unknown; pair with who proves to know the code."""
        fields = MessageFields(document)
        if fields.text("verb", 20) != "pair" or fields.number("protocol", 1, 1_000_000) != PROTOCOL:
            raise MalformedMessage("Somebody unknown sent something else than a pairing.")
        certificate, proof = fields.raw("certificate", CERTIFICATE_MAX), fields.text("proof", 64)
        name, port = fields.text("name", NAME_MAX), fields.number("port", 1, 65535)
        with self._answering:
            code = self._judged(certificate, proof)
            if code is None:
                stopping.wait(PAUSE_S)
                return {"is_paired": False}
        self._store.partners.pair(name, remote, port, certificate)
        proof = code.proof("first", self._identity.fingerprint, fingerprint(certificate))
        return {"is_paired": True, "name": self._name, "proof": proof}

    def _judged(self, certificate: bytes, proof: str) -> PairingCode | None:
        """Return the code, which is used up, if `proof` shows that it is known; else count the try."""
        with self._lock:
            shown = self._valid()
            if shown is None:
                return None
            expected = shown.code.proof("second", self._identity.fingerprint, fingerprint(certificate))
            if is_certificate(certificate) and hmac.compare_digest(expected.encode(), proof.encode()):
                self._open = None
                return shown.code
            shown.tries_left -= 1
            return None

    def _valid(self) -> _Open | None:
        if self._open is not None and (self._open.tries_left <= 0 or self._now() >= self._open.ends):
            self._open = None
        return self._open


def pair_with(
    address: str, port: int, typed: str, own_port: int, identity: Identity, name: str, store: Store
) -> str:
    """Pair with the router that shows the code `typed`, and return its name; raise PairingFailed."""
    try:
        code = parse_code(typed)
    except CodeRefused as refused:
        raise PairingFailed(str(refused)) from refused
    if code.is_of(identity.fingerprint):
        raise PairingFailed("This router shows that code itself: type it on the other one.")
    try:
        plain = socket.create_connection((address, port), WITHIN_S)
    except OSError as error:
        raise PairingFailed(str(talk_failed(error))) from error
    with plain:
        try:
            with introducing().wrap_socket(plain) as connection:
                return _introduce(connection, (address, port), code, own_port, identity, name, store)
        except (OSError, TalkFailed) as error:
            raise PairingFailed(
                f"The router at {address} takes no pairing now. A code is good for ten minutes, once, and for "
                f"{TRIES} tries: press SHOW A CODE there, and type the new one."
            ) from error


def _introduce(
    connection: ssl.SSLSocket,
    where: tuple[str, int],
    code: PairingCode,
    own_port: int,
    identity: Identity,
    name: str,
    store: Store,
) -> str:
    theirs = connection.getpeercert(binary_form=True) or b""
    if not code.is_of(fingerprint(theirs)):
        # Nothing was said yet: whoever answers here has learned nothing of the code.
        raise PairingFailed(
            f"At {where[0]} port {where[1]} answers another router than the one that shows this code. Look at the "
            "address and at the code."
        )
    channel = Channel(connection)
    document = {
        "verb": "pair",
        "protocol": PROTOCOL,
        "certificate": encoded(identity.certificate),
        "name": name,
        "port": own_port,
        "proof": code.proof("second", fingerprint(theirs), identity.fingerprint),
    }
    channel.send(document, WITHIN_S)
    answer = MessageFields(channel.receive(MESSAGE_MAX, WITHIN_S))
    if not answer.flag("is_paired"):
        raise PairingFailed(
            "The other router does not take this code: it was used, it is older than ten minutes, or a "
            "newer one is "
            "shown there. Make a new one there."
        )
    proof = code.proof("first", fingerprint(theirs), identity.fingerprint)
    if not hmac.compare_digest(proof.encode(), answer.text("proof", 64).encode()):
        raise PairingFailed("The other router could not prove that the code is its own. Make a new one there.")
    their_name = answer.text("name", NAME_MAX)
    store.partners.pair(their_name, where[0], where[1], theirs)
    return their_name
