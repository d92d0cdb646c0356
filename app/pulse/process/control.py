"""The control socket: one line of JSON for a request, one for its answer. It knows no verb's meaning."""

import asyncio
import json
import logging
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from app.host.files.rights import rights_of_owner
from app.lvs.reports.document import read_document

REQUEST_MAX = 65_536
"""Longest request in bytes; ours have a hundred."""
CONNECTIONS_MAX = 64
ROOTS_SHARE = 8
"""One in so many connections is root's: whoever has all others, as the web part may, keeps root from nothing."""
_DEADLINE_S = 30.0
_PEER = struct.Struct("=3i")
"""Process, user and group of the other end: unix(7), SO_PEERCRED."""

log = logging.getLogger("pulse")

Verb = Callable[[Mapping[str, Any]], Awaitable[Any]]
_Arguments = TypeVar("_Arguments")


class VerbRefused(Exception):
    """A request that cannot be answered; the message says why."""


def read_arguments(request: Mapping[str, Any], kind: type[_Arguments]) -> _Arguments:
    """Return the arguments in `request` as a `kind`; raise VerbRefused, which says what is accepted."""
    try:
        return read_document(request, kind)
    except ValueError as error:
        raise VerbRefused(f"invalid arguments of '{request.get('verb', '')}': {error}") from error


class ControlSocket:
    """Answers on a Unix socket that root, pulse's own user and the group of the runtime directory may use."""

    def __init__(self, path: Path, verbs: Mapping[str, Verb], connections_max: int = CONNECTIONS_MAX) -> None:
        """Have no more connections open than `connections_max` and CONNECTIONS_MAX."""
        self._connections_max = max(1, min(connections_max, CONNECTIONS_MAX))
        self._path = path
        self._verbs = verbs
        self._open = 0

    async def start(self) -> asyncio.Server:
        """Listen; a socket left by a crashed predecessor is replaced."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with rights_of_owner(self._path.parent):
            self._bind(listener)
        return await asyncio.start_unix_server(self._serve, sock=listener, limit=REQUEST_MAX)

    def _bind(self, listener: socket.socket) -> None:
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        beside.unlink(missing_ok=True)
        listener.bind(str(beside))
        # Never open to other users: the name appears only after mode and group are set.
        beside.chmod(0o660)
        with suppress(PermissionError):
            os.chown(beside, -1, self._path.parent.stat().st_gid)
        beside.rename(self._path)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            async with asyncio.timeout(_DEADLINE_S):
                answer = await self._answer(reader, writer)
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        except (TimeoutError, ConnectionError):
            pass  # the client has gone away or stalls, and needs no answer
        finally:
            self._open -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> dict[str, Any]:
        roots = 0 if _is_root(writer) else self._connections_max // ROOTS_SHARE
        if self._open > self._connections_max - roots:
            return _refusal("pulse is busy with too many requests: try again later")
        try:
            request = json.loads(await reader.readline())
            verb = self._verbs[request["verb"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            return _refusal(f"not a request: send one line of JSON with a verb of {', '.join(self._verbs)}")
        try:
            return {"ok": True, "answer": await verb(request)}
        except VerbRefused as refused:
            return _refusal(str(refused))
        except Exception:
            # The client is told; no request ends the daemon.
            log.exception("the request '%s' caused an unexpected error", request["verb"])
            return _refusal("this request caused an unexpected error in pulse: check its log")


def _is_root(writer: asyncio.StreamWriter) -> bool:
    peer = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    _, user, _ = _PEER.unpack(peer)
    return bool(user == 0)


def _refusal(text: str) -> dict[str, Any]:
    return {"ok": False, "error": text}
