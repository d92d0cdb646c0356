"""Asks pulse, or `palometa partner`, over its socket: a JSON line there, one back. It knows no verb's meaning."""

import errno
import json
import socket as sockets
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

ANSWER_MAX = 64 << 20
"""Longest answer in bytes; a status of 1,000 services with 10 servers each is about 7 MB."""

_PIECE = 1 << 16
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class ControlUnreachable(Exception):
    """pulse gave no answer that can be used; the message says why and what to do."""


class ControlBusy(ControlUnreachable):
    """pulse runs, and gave no answer in time."""


class ControlRefused(Exception):
    """pulse answered that it will not; the message is its own."""


def ask(
    socket: Path,
    verb: str,
    arguments: Mapping[str, Any] = _NOTHING,
    timeout_s: float = 2.0,
    program: str = "pulse",
) -> Any:
    """Return the answer of `program` to `verb`; raise PulseUnreachable (PulseBusy: in time) or PulseRefused.

    `timeout_s` is for the whole exchange, so a peer that sends a byte now and then cannot hold us longer.
    """
    try:
        line = _exchange(socket, {**arguments, "verb": verb}, time.monotonic() + timeout_s)
    except TimeoutError as error:
        raise ControlBusy(
            f"{program} has not answered within {timeout_s:g} s: it is busy or stuck; look at its log"
        ) from error
    except OSError as error:
        raise ControlUnreachable(_reason(socket, error, program)) from error
    return _answer(line, program)


def _exchange(path: Path, question: Mapping[str, Any], deadline: float) -> bytes:
    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as connection:
        connection.settimeout(_left_s(deadline))
        connection.connect(str(path))
        connection.sendall(json.dumps(question).encode() + b"\n")
        answer = bytearray()
        while not answer.endswith(b"\n"):
            connection.settimeout(_left_s(deadline))
            piece = connection.recv(_PIECE)
            answer += piece
            if not piece or len(answer) > ANSWER_MAX:
                break
    return bytes(answer)


def _left_s(deadline: float) -> float:
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s


def _answer(line: bytes, program: str = "pulse") -> Any:
    if len(line) > ANSWER_MAX:
        raise ControlUnreachable(
            f"{program}'s answer is longer than {ANSWER_MAX} bytes: is it {program} that listens there?"
        )
    if not line.endswith(b"\n"):
        raise ControlUnreachable(
            f"{program} broke off its answer: it has just been stopped, or it failed; look at its log"
        )
    try:
        document = json.loads(line)
        is_ok = document["ok"]
        answer = document["answer"] if is_ok else document["error"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ControlUnreachable(
            f"{program}'s answer is not understood: {program} and the web part must be of one version; "
            "restart both"
        ) from error
    if not is_ok:
        raise ControlRefused(str(answer))
    return answer


def _reason(path: Path, error: OSError, program: str) -> str:
    if error.errno in (errno.ENOENT, errno.ECONNREFUSED, errno.ENOTDIR):
        return f"{program} is not running: nothing listens at {path}; start it with 'palometa {program}'"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"this user may not ask {program}: {path} is for root and the group of its directory"
    if error.errno in (errno.ECONNRESET, errno.EPIPE):
        return f"{program} broke off its answer: it has just been stopped, or it failed; look at its log"
    return f"{program} cannot be asked at {path}: {error.strerror or error}"
