"""Running one check against a server of the test's own, on the loopback interface."""

import asyncio
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from app.host.probes.kinds.program import Programs
from app.host.probes.prober import Prober
from app.lvs.checks.check import Check, Result
from app.lvs.model.check_kinds import CheckKind, ProbeKind
from tests.tcp_server import Handler, serving

NOWHERE = Path("/nonexistent")


def check(port: int, kind: ProbeKind = CheckKind.SEND, **more: Any) -> Check:
    """Return a check of 127.0.0.1."""
    values: dict[str, Any] = {"address": ip_address("127.0.0.1"), "interval_s": 1, "limit_s": 1, **more}
    return Check(kind=kind, port=port, **values)


def prober(directory: Path = NOWHERE) -> Prober:
    return Prober(Programs(directory, "nobody"))


def ask(check: Check, directory: Path = NOWHERE) -> Result:
    """Run one check once."""
    return asyncio.run(prober(directory).run(check))


def ask_server(handler: Handler, **more: Any) -> Result:
    """Serve `handler` and run a check against it."""

    async def both() -> Result:
        async with serving(handler) as port:
            return await prober().run(check(port, **more))

    return asyncio.run(both())
