"""What a message holds, taken out field by field: whatever is not exactly as it must be is refused."""

import base64
import binascii
import re
import zlib
from typing import Any

from app.lvs.pair.lineage import NOTHING, RevisionId
from app.partner.failures import MalformedMessage

SERIAL_MAX = 2**31 - 1
TEXT_MAX = 500
DATA_MAX = 64 << 20
"""Longest lvs.cf in bytes."""
_MOMENT_MAX = 2**36
"""Far behind the year 4000, and still a date Python knows."""
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class MessageFields:
    """An object of a message. Every method raises Malformed for a field that is missing or of another kind."""

    def __init__(self, document: Any) -> None:
        if not isinstance(document, dict):
            raise MalformedMessage("A part of a message is no object.")
        self._document = document

    def text(self, name: str, most: int = TEXT_MAX) -> str:
        """Return a text without control signs."""
        value = self._document.get(name)
        if not isinstance(value, str) or len(value) > most or not value.isprintable():
            raise _wrong(name, f"a text of at most {most} printable signs")
        return value

    def number(self, name: str, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`."""
        return checked_number(self._document.get(name), name, low, high)

    def moment(self, name: str) -> float:
        """Return seconds since 1970."""
        value = self._document.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _MOMENT_MAX:
            return float(value)
        raise _wrong(name, "seconds since 1970")

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self._document.get(name)
        if not isinstance(value, bool):
            raise _wrong(name, "true or false")
        return value

    def array(self, name: str, most: int) -> list[Any]:
        """Return an array of at most `most` elements, which are not looked at."""
        value = self._document.get(name)
        if not isinstance(value, list) or len(value) > most:
            raise _wrong(name, f"an array of at most {most}")
        return value

    def version(self, name: str) -> RevisionId:
        """Return the identity of a revision."""
        return checked_version(self._document.get(name), name)

    def has(self, name: str) -> bool:
        """Return whether the field is there; a router of an earlier version may not know it."""
        return name in self._document

    def inner(self, name: str) -> "MessageFields | None":
        """Return an object within this one, None where there is null."""
        value = self._document.get(name)
        return None if value is None else MessageFields(value)

    def data(self, name: str, most: int = DATA_MAX) -> bytes:
        """Return bytes that were sent compressed."""
        try:
            opener = zlib.decompressobj()
            data = opener.decompress(self.raw(name, most), most)
        except zlib.error as error:
            raise _wrong(name, "compressed bytes") from error
        if not opener.eof or opener.unused_data:
            raise _wrong(name, f"compressed bytes, at most {most}")
        return data

    def raw(self, name: str, most: int) -> bytes:
        """Return bytes."""
        value = self._document.get(name)
        if not isinstance(value, str) or len(value) > most * 4 // 3 + 4:
            raise _wrong(name, f"at most {most} bytes in base 64")
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError) as error:
            raise _wrong(name, "bytes in base 64") from error


def checked_number(value: Any, name: str, low: int, high: int) -> int:
    """Return `value` if it is a whole number from `low` to `high`; raise Malformed."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise _wrong(name, f"a whole number from {low} to {high}")
    return value


def checked_version(value: Any, name: str) -> RevisionId:
    """Return `value` if it is the identity of a revision; raise Malformed."""
    if isinstance(value, list) and len(value) == 2:
        serial_no = checked_number(value[0], name, 0, SERIAL_MAX)
        if value == [0, ""]:
            return NOTHING
        if serial_no and isinstance(value[1], str) and _FINGERPRINT.fullmatch(value[1]):
            return RevisionId(serial_no, value[1])
    raise _wrong(name, "a serial and a fingerprint")


def encoded(data: bytes) -> str:
    """Return bytes as a message holds them."""
    return base64.b64encode(data).decode()


def _wrong(name: str, accepted: str) -> MalformedMessage:
    return MalformedMessage(f"The field {name} of a message is not {accepted}.")
