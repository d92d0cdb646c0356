"""How messages between the two routers are written and read as JSON, with the bounds that every message obeys.

A field that this version does not know is ignored, so that two versions can talk to each other.
"""

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from app.lvs.pair.lineage import RevisionId
from app.partner.failures import MalformedMessage

PROTOCOL = 1
"""Raised when a message changes its meaning; new fields alone do not, as unknown ones are ignored."""
TEXT_MAX = 500
_ERROR_MAX = 200

Text = Annotated[str, Meta(max_length=TEXT_MAX)]
Protocol = Annotated[int, Meta(ge=PROTOCOL, le=PROTOCOL)]
Message = TypeVar("Message")


class MessagePart(Struct, frozen=True, kw_only=True):
    """A message, or an object within one. Every text in it is one printable line."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, str) and not value.isprintable():
                raise ValueError(f"Expected printable characters in `{name}`")
            if isinstance(value, RevisionId) and value.is_nothing != (not value.fingerprint):
                raise ValueError(f"Expected a serial and its fingerprint in `{name}`")


def encode(message: Struct) -> bytes:
    """Return a message as JSON."""
    try:
        return msgspec.json.encode(message)
    except UnicodeEncodeError as error:
        raise MalformedMessage("A text of this router is not valid Unicode and cannot be sent.") from error


def decode(data: bytes, decoder: msgspec.json.Decoder[Message]) -> Message:
    """Return the message in `data`; raise MalformedMessage."""
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        _check_protocol(data)
        raise MalformedMessage(
            f"The other side sent an invalid message: {sendable(str(error), _ERROR_MAX)}. "
            "Run the same version of Palometa on both routers."
        ) from error


def sendable(text: str, longest: int) -> str:
    """Return `text` as a message may hold it: one printable line of at most `longest` characters."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()[:longest]


class _Spoken(Struct):
    protocol: Annotated[int, Meta(ge=1, le=1_000_000)] = PROTOCOL


def _check_protocol(data: bytes) -> None:
    try:
        spoken = msgspec.json.decode(data, type=_Spoken).protocol
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return
    if spoken != PROTOCOL:
        raise MalformedMessage(
            f"The other router speaks protocol {spoken}, this one {PROTOCOL}. "
            "Run the same version of Palometa on both routers."
        )
