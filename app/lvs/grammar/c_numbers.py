"""Numbers and addresses as the C library reads them (strtol(3) with base 0, inet_aton(3)): lvs.cf's are those."""

import re
from ipaddress import AddressValueError, IPv4Address

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
_LONG_MIN, _LONG_MAX = -(2**63), 2**63 - 1
_LONGEST = 22
"""More digits than any 64-bit number has, octal included."""

_INTEGER = re.compile(r"[ \t\n\v\f\r]*([+-]?)(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))")
_PART = re.compile(r"0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*")
_LAST_PART_MAX = (0xFFFFFFFF, 0xFFFFFF, 0xFFFF, 0xFF)


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
    """Return the address inet_aton makes of `text`: one to four parts, each decimal, octal or hexadecimal.

    None: it is none. Anything may follow after white space, as in the C library.
    """
    if text.count(".") == 3 and text[-1] != "." and " " not in text:
        try:
            return IPv4Address(text)
        except AddressValueError:
            pass  # It may still be one with octal or hexadecimal parts.
    parts: list[int] = []
    at = 0
    while True:
        match = _PART.match(text, at)
        if match is None:
            return None
        part = _part(match.group())
        parts.append(part)
        at = match.end()
        if at < len(text) and text[at] == "." and len(parts) < 4 and part <= 0xFF:
            at += 1
        else:
            break
    if (at < len(text) and text[at] not in " \t\n\v\f\r") or parts[-1] > _LAST_PART_MAX[len(parts) - 1]:
        return None
    number = parts[-1]
    for place, part in enumerate(parts[:-1]):
        number |= part << (24 - 8 * place)
    return IPv4Address(number)


def _part(text: str) -> int:
    if text[:2] in ("0x", "0X"):
        return _magnitude(text[2:], None, None)
    return _magnitude(None, text, None) if text[0] == "0" else _magnitude(None, None, text)
