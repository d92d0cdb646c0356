"""Measures whether 300 failing servers of 1,000 delay the checks of the others, with the real scheduler.

`python -m bench.checks [--seconds 600] [--json FILE]`: run with `make bench-checks`. The servers are another
process (`bench.servers`) on loopback addresses. Prints the start delay of the checks of the 700, the memory and
descriptors of this process, and the messages about the failing ones. Exits with status 1 if one of the limits
below is exceeded.
"""

import argparse
import asyncio
import json
import logging
import math
import os
import resource
import subprocess
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.host.probes.kinds.program import Programs
from app.host.probes.prober import Prober
from app.lvs.checks.check import Check, Result
from app.lvs.grammar.reader import parse
from app.lvs.model.config import Config
from app.pulse.events.log import EventLog
from app.pulse.health.keeper import HealthKeeper
from app.pulse.process.limits import allow_all_descriptors

INTERVAL_S = 5
SAMPLE_EVERY_S = 3.7
"""Not in step with the checks, or each sample would be taken at the same point of their interval."""
WARM_UP_S = 20.0
"""Memory allocated in the first rounds is needed only once: growth is measured after them."""

LATE_P99_SHARE = 0.10
"""Limit of the 99th percentile of the start delay, as a share of the interval."""
GROWTH_MIB = 20.0
"""Limit of the total growth of memory after the warm-up."""
GROWTH_DESCRIPTORS = 10.0
"""Limit of the total growth of open descriptors after the warm-up, by linear regression."""

PAGE = ("check = http", 'expect = "hello"')
TLS_PAGE = ("check = https", 'expect = "hello"')
GOOD = {"take": (300, ("check = tcp",)), "page": (300, PAGE), "page over TLS": (100, TLS_PAGE)}
BAD = {
    "refused": (34, ("check = tcp",)),
    "SYN dropped": (34, ("check = tcp",)),
    "silent": (34, PAGE),
    "a byte a second": (33, PAGE),
    "endless": (33, PAGE),
    "100 MB": (33, PAGE),
    "reset half-way": (33, PAGE),
    "TLS stalled": (33, TLS_PAGE),
    "invalid UTF-8": (33, PAGE),
}
"""How many servers of each kind, and how they are checked."""


class Watched(Prober):
    """A prober that records when each check began."""

    def __init__(self, rounds: int) -> None:
        super().__init__(Programs(Path("/nonexistent"), "nobody"))
        self._rounds = rounds
        self.began: dict[Check, array[float]] = {}
        self.counts: Counter[Check] = Counter()
        self.said: dict[int, Result] = {}

    async def run(self, check: Check) -> Result:
        """Run `check` and record when."""
        self._note(check)
        result = await super().run(check)
        self.said[check.port] = result
        return result

    def start(self, check: Check, done: Callable[[Result], None]) -> Callable[[], None] | None:
        """Start `check` without a task where the prober does so, and record when."""

        def said(result: Result) -> None:
            self.said[check.port] = result
            done(result)

        take_back = super().start(check, said)
        if take_back is not None:
            self._note(check)
        return take_back

    def _note(self, check: Check) -> None:
        # Allocated in advance: the records must not look like a leak.
        times = self.began.setdefault(check, array("d", bytes(8 * self._rounds)))
        count = self.counts[check]
        if count < self._rounds:
            times[count] = asyncio.get_running_loop().time()
        self.counts[check] = count + 1

    def late_s(self, check: Check) -> list[float]:
        """Return the start delay of each run of `check` after the second, which sets the schedule."""
        times = self.began[check][1 : self.counts[check]]
        phases = [began - number * check.interval_s for number, began in enumerate(times)]
        return [phase - min(phases) for phase in phases]


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of this process and of the states of its servers."""

    at_s: float
    rss_mib: float
    descriptors: int
    late_ms_worst: float
    cpu_s: float
    states: dict[str, int]
    good_up: int


def lvs_cf(ports: dict[str, int]) -> bytes:
    """Return a configuration of all servers, with one virtual server per kind."""
    lines = ["serial_no = 1", "network = nat"]
    for number, (name, (count, keys)) in enumerate({**GOOD, **BAD}.items()):
        lines += [
            f"virtual {_word(name)} {{",
            "     active = 1",
            f"     address = 192.0.2.{number + 1} eth0:1",
            "     port = 80",
            f"     timeout = {INTERVAL_S}",
            *(f"     {key}" for key in keys),
        ]
        for place in range(count):
            address = f"127.{number + 1}.{place // 250}.{place % 250 + 1}"
            block = f"address = {address}", f"port = {ports[name]}", "active = 1"
            lines += [f"     server s{place} {{", *(f"         {line}" for line in block), "     }"]
        lines.append("}")
    return "\n".join([*lines, ""]).encode()


async def measured(config: Config, seconds: float) -> tuple[Watched, list[Sample], list[str]]:
    """Check the servers of `config` for `seconds`; return the samples, and the events of the healthy servers."""
    prober = Watched(math.ceil(seconds / INTERVAL_S) + 4)
    events = EventLog()
    keeper = HealthKeeper(prober, lambda: None, events)
    keeper.apply_config(config, {})
    good = {_word(name) for name in GOOD}
    samples: list[Sample] = []
    fallen: dict[float, str] = {}
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while loop.time() - begun < seconds:
        await asyncio.sleep(SAMPLE_EVERY_S)
        servers = keeper.servers()
        samples.append(
            Sample(
                loop.time() - begun,
                _rss_mib(),
                len(os.listdir("/proc/self/fd")),
                keeper.checks()["late_ms_worst"],
                time.process_time(),
                dict(Counter(server["state"] for server in servers)),
                sum(server["state"] == "up" and server["virtual"] in good for server in servers),
            )
        )
        for event in events.events():
            if event["kind"] != "up" and event["virtual"] in good | {""}:
                fallen[event["at"]] = f"{event['virtual']} {event['server']} {event['reason']}"
    await keeper.stop()
    return prober, samples, list(fallen.values())


def report(
    prober: Watched, samples: Sequence[Sample], fallen: Sequence[str], ports: dict[str, int]
) -> dict[str, Any]:
    """Return all figures."""
    good_ports = {ports[name] for name in GOOD}
    late = sorted(late for check in prober.began if check.port in good_ports for late in prober.late_s(check))
    settled = [sample for sample in samples if sample.at_s >= WARM_UP_S] or list(samples)
    minutes = [sample.at_s / 60 for sample in settled]
    memory = [sample.rss_mib for sample in settled]
    descriptors = [float(sample.descriptors) for sample in settled]
    last = samples[-1]
    return {
        "targets": len(prober.began),
        "seconds": round(last.at_s),
        "interval_s": INTERVAL_S,
        "starts_of_the_good": len(late),
        "late_ms": {
            "p50": round(_share(late, 0.50) * 1000, 2),
            "p99": round(_share(late, 0.99) * 1000, 2),
            "p99.9": round(_share(late, 0.999) * 1000, 2),
            "max": round(late[-1] * 1000, 2),
            "own word, max": max(sample.late_ms_worst for sample in samples),
        },
        "late_share_of_interval": {
            "p99": round(_share(late, 0.99) / INTERVAL_S, 5),
            "max": round(late[-1] / INTERVAL_S, 5),
        },
        "cpu_share": round(last.cpu_s / last.at_s, 3),
        "rss_mib": {
            "first": round(memory[0], 1),
            "last": round(memory[-1], 1),
            "highest": round(max(memory), 1),
            "per_minute": round(_slope(minutes, memory), 3),
        },
        "descriptors": {
            "lowest": min(descriptors),
            "highest": max(descriptors),
            "per_minute": round(_slope(minutes, descriptors), 2),
            "growth": round(_slope(minutes, descriptors) * (minutes[-1] - minutes[0]), 1),
        },
        "good": sum(count for count, _ in GOOD.values()),
        "good_up_least": min(sample.good_up for sample in settled),
        "states": last.states,
        "fallen": list(fallen),
        "said": {name: prober.said[ports[name]].message for name in {**GOOD, **BAD}},
        "samples": [[round(s.at_s, 1), round(s.rss_mib, 2), s.descriptors, s.late_ms_worst] for s in samples],
    }


def failures(figures: dict[str, Any]) -> list[str]:
    """Return a sentence for each limit that is exceeded."""
    found = []
    if figures["late_share_of_interval"]["p99"] > LATE_P99_SHARE:
        found.append(f"the 99th percentile of the start delay exceeds {LATE_P99_SHARE:.0%} of the interval")
    if figures["rss_mib"]["highest"] - figures["rss_mib"]["first"] > GROWTH_MIB:
        found.append(f"memory grew by more than {GROWTH_MIB:g} MiB")
    if figures["descriptors"]["growth"] > GROWTH_DESCRIPTORS:
        found.append(f"open descriptors grew by more than {GROWTH_DESCRIPTORS:g}")
    if figures["good_up_least"] < figures["good"] or figures["fallen"]:
        found.append("a healthy server was not up all the time")
    bad = figures["targets"] - figures["good"]
    if figures["states"].get("down", 0) != bad:
        found.append(f"not all of the {bad} failing servers are down")
    return found


def table(figures: dict[str, Any]) -> Iterable[str]:
    """Yield the figures as text."""
    late, share = figures["late_ms"], figures["late_share_of_interval"]
    rss, descriptors = figures["rss_mib"], figures["descriptors"]
    yield (
        f"{figures['targets']} targets, {figures['targets'] - figures['good']} of them failing, checked every "
        f"{figures['interval_s']} s for {figures['seconds']} s"
    )
    yield f"starts of the {figures['good']} healthy     {figures['starts_of_the_good']}"
    yield f"start delay, 99th percentile {late['p99']:.1f} ms, {share['p99']:.2%} of the interval"
    yield f"start delay, maximum         {late['max']:.1f} ms, {share['max']:.2%} of the interval"
    yield f"healthy ones up, minimum     {figures['good_up_least']} of {figures['good']}"
    yield f"processor                    {figures['cpu_share']:.0%} of one core"
    yield (
        f"memory                       {rss['first']} MiB to {rss['last']} MiB, highest {rss['highest']} MiB, "
        f"{rss['per_minute']:+.3f} MiB a minute"
    )
    yield (
        f"descriptors                  {descriptors['lowest']:.0f} to {descriptors['highest']:.0f}, "
        f"{descriptors['per_minute']:+.2f} a minute"
    )
    for name in (*GOOD, *BAD):
        yield f"{name:<28} {figures['said'][name][:120]}"


@contextmanager
def served() -> Iterator[dict[str, int]]:
    """Run the servers during the block; yield the port of each kind."""
    command = [sys.executable, "-m", "bench.servers"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or process.stdin is None:
            raise AssertionError("pipes were asked for")
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()


def main() -> int:
    """Measure, print the figures, and report exceeded limits."""
    parser = argparse.ArgumentParser(prog="python -m bench.checks")
    parser.add_argument("--seconds", type=float, default=600.0, help="duration (default: %(default)g)")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    chosen = parser.parse_args()
    logging.getLogger("pulse").setLevel(logging.CRITICAL)
    allow_all_descriptors()
    with served() as ports:
        config = parse(lvs_cf(ports)).config
        if config is None:
            raise AssertionError("the configuration of the benchmark has errors")
        figures = report(*asyncio.run(measured(config, chosen.seconds)), ports)
    found = failures(figures)
    print("\n".join(table(figures)))
    print("\n".join(f"FAILED: {words}" for words in found))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 1 if found else 0


def _word(name: str) -> str:
    return name.replace(" ", "_")


def _share(ordered: Sequence[float], share: float) -> float:
    """Return the quantile of the values at `share`."""
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def _slope(x: Sequence[float], y: Sequence[float]) -> float:
    """Return the slope of the linear regression."""
    middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((value - middle_x) ** 2 for value in x)
    return sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True)) / spread if spread else 0.0


def _rss_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


if __name__ == "__main__":
    raise SystemExit(main())
