"""How many checks one core can run, and with what start delay.

Uses the real scheduler, probes and judge (`HealthKeeper`) on the host, as checks need no IPVS table; the servers
are another process on loopback addresses. `python -m bench.capacity KIND TARGETS INTERVAL_S SECONDS` measures
once and prints JSON.
"""

import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

from app.host.probes.kinds.program import Programs
from app.host.probes.prober import Prober
from app.lvs.checks.check import Check, Outcome, Result
from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.config import Config
from app.pulse.events.log import EventLog
from app.pulse.health.keeper import HealthKeeper
from app.pulse.process.limits import allow_all_descriptors
from bench.answering import answering
from bench.figures import OURS, Figures
from bench.goals import CAPACITY
from bench.tables import table_of

PORT = 36361
SETTLES_S = 2.0
ROUNDS_BEFORE = 2
"""The first rounds, in which the checks are spread over the interval, are not measured."""
SERVERS = 10
RUNS = 2
SECONDS = 8.0
LATE_TARGETS, LATE_EVERY_S = 10_000, 5
TARGETS = {CheckKind.TCP: (1000, 3000, 10_000), CheckKind.HTTP: (300, 1000, 2000)}
"""Fewer for HTTP: such a check costs several times as much processor time."""


class Counting(Prober):
    """A prober that counts its checks and those that passed."""

    def __init__(self) -> None:
        super().__init__(Programs(Path("/nonexistent"), "nobody"))
        self.done = 0
        self.well = 0

    async def run(self, check: Check) -> Result:
        """Run and count `check`."""
        result = await super().run(check)
        self._count(result)
        return result

    def start(self, check: Check, done: Callable[[Result], None]) -> Callable[[], None] | None:
        """Start `check` without a task where the prober does so, and count it."""

        def count_passed(result: Result) -> None:
            self._count(result)
            done(result)

        return super().start(check, count_passed)

    def _count(self, result: Result) -> None:
        self.done += 1
        self.well += result.outcome is Outcome.PASSED


def targets_of(count: int, kind: CheckKind, interval_s: int) -> Config:
    """Return a configuration of `count` servers on loopback addresses, each checked every `interval_s`."""
    config = table_of(count // SERVERS, kind, interval_s)
    virtual = (
        replace(
            virtual,
            check_port=PORT,
            server=tuple(
                replace(server, address=IPv4Address("127.1.0.0") + number * SERVERS + place)
                for place, server in enumerate(virtual.server)
            ),
        )
        for number, virtual in enumerate(config.virtual)
    )
    return replace(config, virtual=tuple(virtual))


async def measured(config: Config, interval_s: int, seconds: float) -> dict[str, float]:
    """Check the servers of `config` for `seconds` once all have settled; return the figures."""
    prober = Counting()
    keeper = HealthKeeper(prober, lambda: None, EventLog())
    keeper.apply_config(config, {})
    await asyncio.sleep(SETTLES_S + ROUNDS_BEFORE * interval_s)
    late: list[float] = []
    done, well, used, begun = prober.done, prober.well, time.process_time(), time.monotonic()
    while time.monotonic() - begun < seconds:
        await asyncio.sleep(1)
        late.append(keeper.checks()["late_ms_worst"])
    used, took_s = time.process_time() - used, time.monotonic() - begun
    done, well = prober.done - done, prober.well - well
    mean = keeper.checks()["late_ms"]
    await keeper.stop()
    return {"done": done, "well": well, "used_s": used, "took_s": took_s, "late_ms": mean, "worst_ms": max(late)}


def capacity(figures: Figures, *, is_short: bool) -> None:
    """Measure on the host what checks cost, and their start delay."""
    seconds, runs = (2.0, 1) if is_short else (SECONDS, RUNS)
    with answering("127.0.0.1", PORT):
        for kind, case in (
            (CheckKind.TCP, CAPACITY),
            (CheckKind.HTTP, CAPACITY.replace("connect", "HTTP")),
        ):
            for size in (100, 200) if is_short else TARGETS[kind]:
                found = [_run(kind, size, 1, seconds) for _ in range(runs)]
                figures.add(case, size, OURS, [trial["done"] / trial["used_s"] for trial in found], "a second")
                rates = [trial["well"] / trial["took_s"] for trial in found]
                name = "connect" if kind is CheckKind.TCP else "HTTP"
                figures.add(f"healthy {name} checks, one per second and target", size, OURS, rates, "a second")
            late = LATE_TARGETS if not is_short else 100
            found = [_run(kind, late, LATE_EVERY_S, seconds) for _ in range(runs)]
            words = f"{kind} checks every {LATE_EVERY_S} s: start delay"
            figures.add(f"{words}, mean", late, OURS, [trial["late_ms"] for trial in found])
            figures.add(f"{words}, worst", late, OURS, [trial["worst_ms"] for trial in found])


def _run(kind: CheckKind, targets: int, interval_s: int, seconds: float) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.capacity", kind.name, str(targets), str(interval_s), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(kind: str, targets: int, interval_s: int, seconds: float) -> None:
    """Measure once and print."""
    logging.getLogger("pulse").setLevel(logging.CRITICAL)
    allow_all_descriptors()
    config = targets_of(targets, CheckKind[kind], interval_s)
    print(json.dumps(asyncio.run(measured(config, interval_s, seconds))))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
