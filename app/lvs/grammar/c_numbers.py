"""Numbers and addresses as the C library reads them (strtol(3) with base 0, inet_aton(3)): lvs.cf's are those."""

import re
import socket
from ipaddress import IPv4Address

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
_LONG_MIN, _LONG_MAX = -(2**63), 2**63 - 1
_LONGEST = 22
"""More digits than any 64-bit number has, octal included."""

_INTEGER = re.compile(r"[ \t\n\v\f\r]*([+-]?)(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))")


def _magnitude(hexadecimal: str | None, octal: str | None, decimal: str | None) -> int:
    digits, base = (hexadecimal, 16) if hexadecimal else (octal, 8) if octal else (decimal or "0", 10)
    significant = (digits or "0").lstrip("0")
    if len(significant) > _LONGEST:
        return _LONG_MAX + 1
    return int(significant or "0", base)


def strtol(text: str) -> int | None:
    """Return the number `text` is to strtol with base 0, clamped to 64 bits; None where anything else is left.

    The empty text is 0, as in Piranha.
    """
    if not text:
        return 0
    match = _INTEGER.fullmatch(text)
    if match is None:
        return None
    sign, hexadecimal, octal, decimal = match.groups()
    magnitude = _magnitude(hexadecimal, octal, decimal)
    return max(_LONG_MIN, -magnitude) if sign == "-" else min(_LONG_MAX, magnitude)


def as_int32(number: int) -> int:
    """Return what a C int keeps of `number`: its low 32 bits, signed."""
    return (number + 2**31) % 2**32 - 2**31


def inet_aton(text: str) -> IPv4Address | None:
    """Return the address glibc's inet_aton(3) reads in `text`, None if there is none.

    It has one to four parts, each decimal, octal or hexadecimal; anything may follow after white space.
    """
    try:
        return IPv4Address(socket.inet_aton(text))
    except (OSError, ValueError):  # ValueError: a NUL character, or one that UTF-8 cannot encode
        return None
