"""TLS 1.3 between two routers that each trust one certificate, the other's; there is no certificate authority.

This router's key and certificate are one file, created once. The certificate never expires: a wrong clock must not
separate the pair.
"""

import hashlib
import os
import secrets
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.host.files import leftovers
from app.host.files.atomic_file import FileUnreadable, read

CERTIFICATE_MAX = 4096
"""Longest certificate in bytes that is accepted; ours have 400."""
_FROM = datetime(1970, 1, 1, tzinfo=UTC)
_UNTIL = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


class IdentityFailed(Exception):
    """This router's key and certificate can be neither read nor created; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity of this router: the file with its key and certificate, and the certificate in DER."""

    path: Path
    certificate: bytes

    @property
    def fingerprint(self) -> bytes:
        """The SHA-256 of the certificate."""
        return fingerprint(self.certificate)


def fingerprint(certificate: bytes) -> bytes:
    """Return the SHA-256 of a certificate in DER."""
    return hashlib.sha256(certificate).digest()


def is_certificate(der: bytes) -> bool:
    """Return whether `der` is a certificate that can be pinned."""
    try:
        x509.load_der_x509_certificate(der)
    except ValueError:
        return False
    return True


def load_identity(path: Path) -> Identity:
    """Return this router's identity, creating it where there is none; raise IdentityFailed."""
    try:
        if not path.exists():
            _create(path)
        # Not waited for, should it be a pipe, nor read without end, should it be a device.
        certificate = x509.load_pem_x509_certificate(read(path) or b"")
        identity = Identity(path, certificate.public_bytes(serialization.Encoding.DER))
        calling(identity, identity.certificate)
    except FileUnreadable as unreadable:
        raise IdentityFailed(
            f"{unreadable} Restore it from a backup, or delete it and pair the routers again."
        ) from unreadable
    except ssl.SSLError as error:
        raise IdentityFailed(
            f"{path} contains no key, or not that of its certificate: {error.reason or error}. Restore it from a "
            "backup, or delete it and pair the routers again."
        ) from error
    except OSError as error:
        raise IdentityFailed(
            f"Cannot use {path}: {error.strerror or error}. Set PALOMETA_STATE_DIRECTORY to a directory that this "
            "user may write to."
        ) from error
    except ValueError as error:
        raise IdentityFailed(
            f"{path} contains no certificate: {error}. Restore it from a backup, or delete it and pair the "
            "routers again."
        ) from error
    return identity


def listening(identity: Identity, partner: bytes | None, *, is_pairing: bool) -> ssl.SSLContext:
    """Return a server context: for `partner` only, while pairing also for clients without certificate."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, identity)
    context.num_tickets = 0
    if partner is not None:
        context.load_verify_locations(cadata=partner)
    context.verify_mode = ssl.CERT_OPTIONAL if is_pairing else ssl.CERT_REQUIRED
    return context


def calling(identity: Identity, partner: bytes) -> ssl.SSLContext:
    """Return a client context that connects to `partner` only."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, identity)
    context.load_verify_locations(cadata=partner)
    return context


def introducing() -> ssl.SSLContext:
    """Return a client context for pairing: without a certificate, and the caller has to verify the server."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, None)
    context.verify_mode = ssl.CERT_NONE
    return context


def _context(protocol: int, identity: Identity | None) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if identity is not None:
        context.load_cert_chain(identity.path)
    return context


def _create(path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"palometa {secrets.token_hex(8)}")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    leftovers.clear(path)
    beside = leftovers.beside(path)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
