"""Netlink's outer layers as bytes (linux/netlink.h, linux/genetlink.h): message headers and attributes.

Pure packing and unpacking; it knows no numbers of a particular family and opens no socket.
"""

import enum
from collections.abc import Iterator
from struct import Struct

REQUEST = 0x01
ACK = 0x04
DUMP_INTERRUPTED = 0x10
DUMP = 0x300

_ALIGNED_TO = 4
_NESTED = 0x8000
_KIND_MASK = 0x3FFF

_HEADER = Struct("=IHHII")
_GENERIC_HEADER = Struct("=BBH")
_ATTRIBUTE = Struct("=HH")
_ERROR = Struct("=i")

HEADERS_SIZE = _HEADER.size + _GENERIC_HEADER.size


class FrameType(enum.IntEnum):
    """The message types that mean the same in every family."""

    NOOP = 1
    ERROR = 2
    DONE = 3


class MalformedFrame(Exception):
    """The bytes are not netlink messages."""


def attribute(kind: int, payload: bytes) -> bytes:
    """Pack one attribute, padded to four bytes."""
    size = _ATTRIBUTE.size + len(payload)
    return _ATTRIBUTE.pack(size, kind) + payload + bytes(-size % _ALIGNED_TO)


def nested(kind: int, attributes: bytes) -> bytes:
    """Pack attributes into one."""
    return attribute(kind | _NESTED, attributes)


def message(kind: int, flags: int, sequence: int, payload: bytes) -> bytes:
    """Pack one request; `payload` is the family's own header and attributes, so already aligned."""
    return _HEADER.pack(_HEADER.size + len(payload), kind, flags | REQUEST, sequence, 0) + payload


def generic_message(family: int, command: int, version: int, flags: int, sequence: int, payload: bytes) -> bytes:
    """Pack one generic netlink request; `payload` is attributes, so already aligned."""
    header = _HEADER.pack(HEADERS_SIZE + len(payload), family, flags | REQUEST, sequence, 0)
    return header + _GENERIC_HEADER.pack(command, version, 0) + payload


def messages(view: memoryview) -> Iterator[tuple[int, int, int, memoryview]]:
    """Yield (type, flags, sequence, body) of each message in `view`; the body keeps a generic header."""
    start = 0
    while start + _HEADER.size <= len(view):
        size, kind, flags, sequence, _ = _HEADER.unpack_from(view, start)
        if size < _HEADER.size or start + size > len(view):
            raise MalformedFrame(f"a netlink message says it is {size} bytes long; {len(view) - start} are there")
        yield kind, flags, sequence, view[start + _HEADER.size : start + size]
        start += size + -size % _ALIGNED_TO


def generic_attributes(body: memoryview) -> dict[int, memoryview]:
    """Return the attributes of a generic netlink message's body by their number."""
    return attributes(body[_GENERIC_HEADER.size :])


def attributes(view: memoryview) -> dict[int, memoryview]:
    """Return the payload of each attribute in `view` by its number."""
    found: dict[int, memoryview] = {}
    start, end = 0, len(view)
    unpack_from = _ATTRIBUTE.unpack_from
    while start + 4 <= end:
        size, kind = unpack_from(view, start)
        if size < 4 or start + size > end:
            raise MalformedFrame(f"a netlink attribute says it is {size} bytes long; {end - start} are there")
        found[kind & _KIND_MASK] = view[start + 4 : start + size]
        start += (size + 3) & ~3
    return found


def error_number(body: memoryview) -> int:
    """Return the errno (0: done) of an ERROR message's body, or of DONE, which may carry one."""
    return abs(int(_ERROR.unpack_from(body)[0])) if len(body) >= _ERROR.size else 0
