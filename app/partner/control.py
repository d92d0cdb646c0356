"""The control socket that the pages use: one line of JSON each way, its owner only. Knows no verb's meaning."""

import json
import os
import socketserver
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from app.partner.failures import MalformedMessage, PairingFailed
from app.store import StoreBusy, StoreFailed

REQUEST_MAX = 65_536
WITHIN_S = 30.0

Verb = Callable[[Mapping[str, Any]], Any]


class PartnerControl(socketserver.ThreadingUnixStreamServer):
    """Answers with `verbs`; a socket left by a crashed predecessor is replaced."""

    daemon_threads = True

    def __init__(self, path: Path, verbs: Mapping[str, Verb]) -> None:
        self.verbs = verbs
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        beside.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            super().__init__(str(beside), _ControlRequest)
        finally:
            os.umask(before)
        beside.rename(path)

    def start(self) -> None:
        """Answer in a thread."""
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _ControlRequest(socketserver.StreamRequestHandler):
    timeout = WITHIN_S

    def handle(self) -> None:
        # The client may have gone away, and then needs no answer.
        with suppress(OSError):
            self.wfile.write(json.dumps(self._answer()).encode() + b"\n")

    def _answer(self) -> dict[str, Any]:
        verbs = cast(PartnerControl, self.server).verbs
        try:
            request = json.loads(self.rfile.readline(REQUEST_MAX))
            verb = verbs[request["verb"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            return {
                "ok": False,
                "error": f"not a request: send one line of JSON with a verb of {', '.join(verbs)}",
            }
        try:
            return {"ok": True, "answer": verb(request)}
        except (PairingFailed, MalformedMessage, StoreBusy, StoreFailed) as refused:
            return {"ok": False, "error": str(refused)}
