"""Pairing, both sides of it: one router displays a code for ten minutes, the other is given it and connects."""

import hmac
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from app.host.pinned_tls import CERTIFICATE_MAX, Identity, fingerprint, introducing, is_certificate
from app.lvs.pair.pairing_code import SECRET_BITS, CodeRefused, PairingCode, parse_code
from app.lvs.reports.partner import CodeReport, Name
from app.partner.channel import Channel, talk_failed
from app.partner.encoding import PROTOCOL, MessagePart, Protocol
from app.partner.failures import PairingFailed, TalkFailed
from app.store import Store

LIFETIME_S = 600.0
PAUSE_S = 1.0
"""Delay before a wrong proof is answered. None uses the code up: its secret is not guessed, but strangers try."""
MESSAGE_MAX = 16_384
WITHIN_S = 10.0

Proof = Annotated[str, Meta(max_length=64)]
PartnerPort = Annotated[int, Meta(ge=1, le=65535)]


class PairRequest(MessagePart, frozen=True, tag_field="verb", tag="pair"):
    """What the router sends where the code was typed: its certificate, and the proof that it knows the code."""

    protocol: Protocol
    certificate: Annotated[bytes, Meta(max_length=CERTIFICATE_MAX)]
    name: Name
    port: PartnerPort
    proof: Proof


class PairAnswer(MessagePart, frozen=True, omit_defaults=True):
    """The answer: where the proof was right, the other router's name and its own proof."""

    is_paired: bool
    name: Name = ""
    proof: Proof = ""


PAIR = msgspec.json.Decoder(PairRequest)
PAIRED = msgspec.json.Decoder(PairAnswer)


@dataclass(slots=True)
class _Open:
    """A code that is displayed; it is kept in memory only, and ends with the process."""

    code: PairingCode
    ends: float
    ends_at: float


class Pairing:
    """The code of this router, and the answer to a router that knows it. Who is wrong keeps nobody waiting."""

    def __init__(
        self, identity: Identity, store: Store, name: str, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._now = now
        self._identity = identity
        self._store = store
        self._name = name
        self._lock = threading.Lock()
        self._open: _Open | None = None

    def show(self) -> str:
        """Return a new code; the previous one is no longer valid."""
        code = PairingCode.of(self._identity.fingerprint, secrets.randbits(SECRET_BITS))
        with self._lock:
            self._open = _Open(code, self._now() + LIFETIME_S, time.time() + LIFETIME_S)
        return str(code)

    def withdraw(self) -> None:
        """Revoke the code that is displayed."""
        with self._lock:
            self._open = None

    @property
    def report(self) -> CodeReport | None:
        """How long the current code is valid, without the code itself."""
        with self._lock:
            shown = self._valid()
            return None if shown is None else {"expires_at": shown.ends_at}

    def answer(self, request: PairRequest, remote: str, stopping: threading.Event) -> PairAnswer:
        """Return the answer to an unknown router; pair with it if it proves that it knows the code."""
        code = self._redeem(request.certificate, request.proof)
        if code is None:
            stopping.wait(PAUSE_S)
            return PairAnswer(is_paired=False)
        self._store.partners.pair(request.name, remote, request.port, request.certificate)
        proof = code.proof("first", self._identity.fingerprint, fingerprint(request.certificate))
        return PairAnswer(is_paired=True, name=self._name, proof=proof)

    def _redeem(self, certificate: bytes, proof: str) -> PairingCode | None:
        """Return the code, which is then used up, if `proof` is right; None: it is not."""
        with self._lock:
            shown = self._valid()
            if shown is None:
                return None
            expected = shown.code.proof("second", self._identity.fingerprint, fingerprint(certificate))
            if is_certificate(certificate) and hmac.compare_digest(expected.encode(), proof.encode()):
                self._open = None
                return shown.code
            return None

    def _valid(self) -> _Open | None:
        if self._open is not None and self._now() >= self._open.ends:
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
        raise PairingFailed("This is the code of this router itself. Type it on the other router.")
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
                f"The router at {address} does not accept a pairing now. A code is valid once, for ten "
                "minutes. Press SHOW A CODE there and type the new one."
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
        # Nothing was sent yet, so whatever answers here has learned nothing of the code.
        raise PairingFailed(
            f"The router at {where[0]} port {where[1]} is not the one that displays this code. "
            "Check the address and the code."
        )
    channel = Channel(connection)
    request = PairRequest(
        protocol=PROTOCOL,
        certificate=identity.certificate,
        name=name,
        port=own_port,
        proof=code.proof("second", fingerprint(theirs), identity.fingerprint),
    )
    channel.send(request, WITHIN_S)
    answer = channel.receive(PAIRED, MESSAGE_MAX, WITHIN_S)
    if not answer.is_paired:
        raise PairingFailed(
            "The other router refused this code: it was used, it is older than ten minutes, or a newer one is "
            "displayed there. Create a new one there."
        )
    proof = code.proof("first", fingerprint(theirs), identity.fingerprint)
    if not hmac.compare_digest(proof.encode(), answer.proof.encode()):
        raise PairingFailed("The other router could not prove that it created this code. Create a new one there.")
    store.partners.pair(answer.name, where[0], where[1], theirs)
    return answer.name
