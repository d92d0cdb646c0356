"""The certificate and the key of the pages: with what they are served, and who else may read the key."""

import logging
import os
import ssl
import stat
from pathlib import Path

log = logging.getLogger(__name__)

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: a key that leaks later opens nothing that was recorded. TLS 1.3 has only such."""


class CertificateUnusable(Exception):
    """The certificate or its key cannot be used; the message says why and what to do."""


class Certificate:
    """A certificate that is read again when it has been renewed."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Read both; raise CertificateUnusable if they cannot be read, or others can read the key."""
        self._certificate = certificate
        self._key = key
        self._read_at = self._changed_at()
        self._context = _context(certificate, key)
        self._trouble = ""

    def context(self) -> ssl.SSLContext:
        """Return what a connection is made with; if a renewed certificate cannot be used, that of before."""
        try:
            changed_at = self._changed_at()
            if changed_at != self._read_at:
                # Noted first: one that cannot be used is not tried again before it has changed.
                self._read_at = changed_at
                self._context = _context(self._certificate, self._key)
                self._trouble = ""
        except CertificateUnusable as unusable:
            # Asked for with every connection, and said once.
            if str(unusable) != self._trouble:
                self._trouble = str(unusable)
                log.warning("the renewed certificate is not used: %s", unusable)
        return self._context

    def _changed_at(self) -> tuple[tuple[int, int], ...]:
        return tuple((found.st_ino, found.st_mtime_ns) for found in map(_stat, (self._certificate, self._key)))


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise CertificateUnusable(f"cannot read {path}: {error.strerror}. {_PATHS}") from error


_PATHS = (
    "PALOMETA_TLS_CERTIFICATE and PALOMETA_TLS_KEY are files in PEM format that the user of palometa web can read."
)


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    for file in (certificate, key):
        # OpenSSL would wait for a pipe, and read a device without end.
        if not stat.S_ISREG(_stat(file).st_mode):
            raise CertificateUnusable(f"{file} is not a regular file. {_PATHS}")
    _require_private(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    try:
        # Without an answer to it, OpenSSL would ask for a passphrase on the terminal.
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except ssl.SSLError as error:
        raise CertificateUnusable(
            f"{certificate} and {key} are no certificate with its key, or the key has a passphrase "
            f"({error.reason or 'unknown format'}). {_PATHS}"
        ) from error
    except OSError as error:
        raise CertificateUnusable(f"cannot read {certificate} or {key}: {error.strerror}. {_PATHS}") from error
    return context


def _require_private(key: Path) -> None:
    """Raise CertificateUnusable if others may read the key; a group may, where root has given it to the group."""
    found = _stat(key)
    wrong = stat.S_IRWXO | (stat.S_IWGRP if found.st_uid == 0 else stat.S_IRWXG)
    if found.st_mode & wrong:
        raise CertificateUnusable(
            f"the TLS key {key} has mode {stat.S_IMODE(found.st_mode):04o}, so others can use it. It has to "
            "be 0600 and belong to the user of palometa web, or 0640 and belong to root, with a group of which "
            f"only this user is a member. Type: chmod {'640' if found.st_uid == 0 else '600'} {key}"
        )
