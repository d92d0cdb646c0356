"""The code that joins two routers: shown on one, read aloud or typed on the other.

It carries 80 bits of the fingerprint of the first router's certificate, by which the second knows whom it talks
to, and a secret of 65 bits, by which the first knows the second. Thirty signs of Crockford's base 32 in groups of
five, the last a check sign.
"""

import hmac
from dataclasses import dataclass, field

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FINGERPRINT_SIGNS = 16
SECRET_SIGNS = 13
LENGTH = FINGERPRINT_SIGNS + SECRET_SIGNS + 1
SECRET_BITS = SECRET_SIGNS * 5
_GROUP = 5
_TYPED_MAX = 200
_READ_AS = {"O": "0", "I": "1", "L": "1"}


class CodeRefused(Exception):
    """What was typed is no code; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class PairingCode:
    """A code. `secret` is never written anywhere; it is the key of the two proofs."""

    fingerprint: str
    secret: str = field(repr=False)

    @classmethod
    def of(cls, fingerprint: bytes, secret: int) -> "PairingCode":
        """Return the code for a certificate's SHA-256 and a random number of SECRET_BITS bits."""
        return cls(_first_signs(fingerprint), _signs(secret, SECRET_SIGNS))

    def is_of(self, fingerprint: bytes) -> bool:
        """Return whether the code was made for the certificate of that SHA-256."""
        return hmac.compare_digest(self.fingerprint, _first_signs(fingerprint))

    def proof(self, speaker: str, first: bytes, second: bytes) -> str:
        """Return what only who knows the secret can say of these two certificates (their SHA-256s).

        `speaker` keeps the two routers' proofs apart, so that neither can be sent back as the other's.
        """
        words = b"\0".join((b"palometa pairing 1", speaker.encode(), first, second))
        return hmac.digest(self.secret.encode(), words, "sha256").hex()

    def __str__(self) -> str:
        signs = self.fingerprint + self.secret
        signs += _check_sign(signs)
        return "-".join(signs[at : at + _GROUP] for at in range(0, LENGTH, _GROUP))


def parse_code(typed: str) -> PairingCode:
    """Return the code a person typed; small letters, blanks and hyphens do not matter. Raises CodeRefused."""
    signs = "".join(_READ_AS.get(sign, sign) for sign in typed[:_TYPED_MAX].upper() if sign.isalnum())
    wrong = [sign for sign in signs if sign not in SIGNS]
    if wrong:
        raise CodeRefused(
            f"{wrong[0]!r} is never part of a pairing code, which has digits and all letters except "
            "U. Check the code."
        )
    if len(signs) != LENGTH or len(typed) > _TYPED_MAX:
        raise CodeRefused(
            f"A pairing code has {LENGTH} characters in {LENGTH // _GROUP} groups; {len(signs)} were entered. "
            "Enter the whole code."
        )
    if _check_sign(signs[:-1]) != signs[-1]:
        raise CodeRefused(
            "The pairing code is mistyped: its check character does not match. Compare it group by group."
        )
    return PairingCode(signs[:FINGERPRINT_SIGNS], signs[FINGERPRINT_SIGNS:-1])


def _first_signs(fingerprint: bytes) -> str:
    bits = FINGERPRINT_SIGNS * 5
    return _signs(int.from_bytes(fingerprint, "big") >> (len(fingerprint) * 8 - bits), FINGERPRINT_SIGNS)


def _signs(number: int, length: int) -> str:
    return "".join(SIGNS[number >> 5 * (length - 1 - at) & 31] for at in range(length))


def _check_sign(signs: str) -> str:
    """Return Luhn's check sign, for 32 signs: a wrong sign, or two next to each other swapped, do not fit."""
    total = 0
    for place, sign in enumerate(reversed(signs)):
        value = SIGNS.index(sign) * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return SIGNS[-total % 32]
