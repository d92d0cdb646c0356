"""Client of the control sockets of pulse and `palometa partner`: a line of JSON each way. Knows no verb."""

import errno
import json
import socket as sockets
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

ANSWER_MAX = 64 << 20
"""Longest answer in bytes; a status of 1,000 services with 10 servers each is about 7 MB."""

_PIECE = 1 << 16
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class ControlUnreachable(Exception):
    """There is no usable answer; the message says why and what to do."""


class ControlBusy(ControlUnreachable):
    """The process runs, but did not answer in time."""


class ControlRefused(Exception):
    """The process refused the request; the message is its own."""


def ask(
    socket: Path,
    verb: str,
    arguments: Mapping[str, Any] = _NOTHING,
    timeout_s: float = 2.0,
    program: str = "pulse",
) -> Any:
    """Return the answer of `program` to `verb`.

    Raise ControlUnreachable, ControlBusy where there is none in time, or ControlRefused. `timeout_s` is for the
    whole exchange, so a peer that sends a byte now and then cannot keep us waiting longer.
    """
    try:
        line = _exchange(socket, {**arguments, "verb": verb}, time.monotonic() + timeout_s)
    except TimeoutError as error:
        raise ControlBusy(
            f"{program} has not answered within {timeout_s:g} s: it is busy or stuck; check its log"
        ) from error
    except OSError as error:
        raise ControlUnreachable(_reason(socket, error, program)) from error
    return read_answer(line, program)


def _exchange(path: Path, request: Mapping[str, Any], deadline: float) -> bytes:
    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as connection:
        connection.settimeout(_left_s(deadline))
        connection.connect(str(path))
        # Who is refused for the number of requests, or a long one, may have the answer before all of it is sent.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(json.dumps(request).encode() + b"\n")
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


def read_answer(line: bytes, program: str = "pulse") -> Any:
    """Return the answer in `line`; raise ControlUnreachable if it is none, ControlRefused if it is a refusal."""
    if len(line) > ANSWER_MAX:
        raise ControlUnreachable(
            f"the answer is longer than {ANSWER_MAX} bytes: check that it is {program} that listens on its socket"
        )
    if not line.endswith(b"\n"):
        raise ControlUnreachable(_ended_early(program))
    try:
        document = json.loads(line)
        is_ok = document["ok"]
        answer = document["answer"] if is_ok else document["error"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ControlUnreachable(
            f"the answer of {program} cannot be read: {program} and the web part must be the same version; "
            "restart both"
        ) from error
    if not is_ok:
        raise ControlRefused(str(answer))
    return answer


def _reason(path: Path, error: OSError, program: str) -> str:
    if error.errno in (errno.ENOENT, errno.ECONNREFUSED, errno.ENOTDIR):
        return f"{program} is not running: nothing listens at {path}; start it with 'palometa {program}'"
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"this user may not connect to {program}: {path} is restricted to root and the group of its directory"
        )
    if error.errno in (errno.ECONNRESET, errno.EPIPE):
        return _ended_early(program)
    return f"cannot connect to {program} at {path}: {error.strerror or error}"


def _ended_early(program: str) -> str:
    return f"{program} closed the connection before it had answered: it was stopped, or it failed; check its log"
