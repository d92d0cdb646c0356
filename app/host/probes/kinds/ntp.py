"""NTP: a time server reports its time and that its clock is synchronized (RFC 5905)."""

import os
import socket
import struct
import time
from dataclasses import dataclass
from functools import partial

from app.host.probes.transport.attempt import Attempt, Unexpected
from app.host.probes.transport.datagrams import answer_to
from app.host.probes.transport.sockets import connected, target
from app.lvs.checks.check import Check

_SIZE = 48
_CLIENT, _SERVER = 3, 4
_FIRST = 4 << 3 | _CLIENT
_UNSYNCHRONISED = 3
_STRATUM_MAX = 15
_EPOCH_S = 2_208_988_800
"""From NTP's year 1900 to Unix's 1970."""
_ERA_S = 2**32


@dataclass(frozen=True, slots=True)
class NtpAnswer:
    """What a time server reports about its clock; `transmitted_s` is in seconds since the start of an era."""

    leap: int
    stratum: int
    reference: bytes
    transmitted_s: float
    received_s: float


async def probe(check: Check, attempt: Attempt) -> None:
    """Require a server's answer to this request, from a clock that is synchronized."""
    attempt.doing = f"NTP from {target(check)}"
    # In place of a client's time: a value that cannot be guessed and must be returned.
    mark = os.urandom(8)
    async with connected(check, socket.SOCK_DGRAM, attempt) as connection:
        answer = await answer_to(
            request(mark), connection, attempt, partial(_read_now, mark), ignored="received only unrelated packets"
        )
    attempt.found = require_healthy(answer)


def request(mark: bytes) -> bytes:
    """Return a client's request that does not reveal its clock; `mark` has 8 bytes."""
    return bytes([_FIRST]) + bytes(_SIZE - 9) + mark


def read(mark: bytes, data: bytes, received_s: float) -> NtpAnswer | None:
    """Return the answer in `data` to the request with `mark`; None when it is something else.

    `received_s` is our clock, in seconds since 1970.
    """
    if len(data) < _SIZE or data[0] & 7 != _SERVER or data[24:32] != mark:
        return None
    seconds, fraction = struct.unpack_from("!II", data, 40)
    return NtpAnswer(data[0] >> 6, data[1], data[12:16], seconds + fraction / 2**32, received_s)


def require_healthy(answer: NtpAnswer) -> str:
    """Return what a healthy `answer` says; raise Unexpected for any other."""
    if answer.stratum == 0 and answer.reference.isalnum():
        raise Unexpected(f"refused to serve time: {answer.reference.decode('ascii')}")
    if answer.leap == _UNSYNCHRONISED or not answer.transmitted_s:
        raise Unexpected("answered that its clock is not synchronized")
    if not 1 <= answer.stratum <= _STRATUM_MAX:
        raise Unexpected(f"answered with stratum {answer.stratum}: a synchronized clock has 1 to {_STRATUM_MAX}")
    ahead_s = ahead_of_us_s(answer)
    side = "ahead of" if ahead_s >= 0 else "behind"
    return f"stratum {answer.stratum}, {abs(ahead_s):.3f} s {side} this director's clock"


def ahead_of_us_s(answer: NtpAnswer) -> float:
    """Return how far the server's clock is ahead of ours, not counting the time the answer took.

    An era of NTP has 2**32 seconds, and clocks are less than half of that apart.
    """
    ours_s = (answer.received_s + _EPOCH_S) % _ERA_S
    return (answer.transmitted_s - ours_s + _ERA_S / 2) % _ERA_S - _ERA_S / 2


def _read_now(mark: bytes, data: bytes) -> NtpAnswer | None:
    return read(mark, data, time.time())
