"""What a check of a real server has to say, while that server is stopped, and when it is gone."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.lvs.checks.check import Outcome, TlsSettings
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.asking import ask, check
from tests.protocols.certificate import HOST

# The server of a test is on a busy machine; only one that hangs uses it up.
PATIENCE_S = 20


def passes(port: int, kind: CheckKind, **more: Any) -> str:
    """Require that the check passes; return what it says."""
    result = ask(check(port, kind, **{"limit_s": PATIENCE_S, **more}))
    assert result.outcome is Outcome.PASSED, result.message
    return result.message


def fails(port: int, kind: CheckKind, **more: Any) -> str:
    """Require that the check fails with an answer of the server; return what it says."""
    result = ask(check(port, kind, **{"limit_s": PATIENCE_S, **more}))
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True), result.message
    return result.message


def fails_for_its_certificate(port: int, kind: CheckKind, days: int, **more: Any) -> None:
    """Require that a self-signed certificate of `days` is taken, and refused where more is asked of it."""
    passes(port, kind, tls=TlsSettings(HOST, days_min=days), **more)
    assert f"at least {days + 1} days are required" in fails(
        port, kind, tls=TlsSettings(HOST, days_min=days + 1), **more
    )
    said = fails(port, kind, tls=TlsSettings(HOST, is_verified=True), **more)
    assert said.endswith(": TLS failed: certificate not accepted, self-signed certificate")


def times_out_while_stopped(process: subprocess.Popen[bytes], port: int, kind: CheckKind, **more: Any) -> None:
    """Require that the check of a server that is there, but does not run, ends with its time."""
    with stopped(process):
        assert fails(port, kind, **{**more, "limit_s": 1}).endswith(": timed out, no answer within 1 s")
    passes(port, kind, **more)


def is_refused(port: int, kind: CheckKind, **more: Any) -> None:
    """Require that the check of a server that is gone says so."""
    assert fails(port, kind, **more).endswith(": refused")


@contextmanager
def stopped(process: subprocess.Popen[bytes]) -> Iterator[None]:
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGCONT)
