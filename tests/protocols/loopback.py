"""Servers over UDP on both loopback addresses: awaited, stopped and gone."""

import os
import signal
import subprocess
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest

from app.lvs.checks.check import Outcome
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.asking import ask, check
from tests.protocols.verdicts import fails, passes, stopped

each_address = pytest.mark.parametrize("address", ["127.0.0.1", "::1"])


def taken(port: int, kind: CheckKind, **more: Any) -> Callable[[], bool]:
    """Return what tells whether somebody has the port: then a datagram is refused no longer."""
    return lambda: not ask(check(port, kind, **more)).message.endswith(": refused")


def is_well_until_it_is_stopped_or_gone(
    process: subprocess.Popen[bytes], port: int, kind: CheckKind, address: str, **more: Any
) -> str:
    """Require that the check follows what becomes of the server, which ends; return what it said at first."""
    more["address"] = ip_address(address)
    said = passes(port, kind, **more)
    with stopped(process):
        result = ask(check(port, kind, **{**more, "limit_s": 1}))
        assert (result.outcome, result.is_reached) == (Outcome.FAILED, False)
        assert result.message.endswith(": timed out, no answer within 1 s")
    passes(port, kind, **more)
    # Kamailio, once it was stopped, does not always hear that it shall end.
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert fails(port, kind, **more).endswith(": refused")
    return said
