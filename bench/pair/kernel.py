"""All faults of both pairs in a kernel with IPVS: `python -m bench.pair.kernel ONLY`, called by the command."""

import json
import os
import platform
import sys
import tempfile
import time
from dataclasses import asdict
from itertools import count
from pathlib import Path

from bench.kernel import processor
from bench.pair.course import Contender, course_of
from bench.pair.faults import of_contender
from bench.pair.ours import OurPair
from bench.pair.plain import PlainPair
from bench.pair.trial import Trial
from lab.cluster import Cluster


def main(only: str) -> None:
    """Cause the faults with `only` in their name; write the results to the shared directory."""
    share = Path(os.environ["PALOMETA_LAB_SHARE"]) / "trials.json"
    about = {"kernel": f"Linux {platform.release()}", "its processor": processor()}
    trials: list[Trial] = []
    notes: list[str] = []
    for begin in (OurPair, PlainPair):
        with tempfile.TemporaryDirectory(prefix="pair") as directory, Cluster(udp=(), directors=2) as cluster:
            Path(directory).chmod(0o755)
            _try_all(begin(cluster, Path(directory)), only, trials, notes)
            found = {"about": about, "trials": [asdict(trial) for trial in trials], "notes": notes}
            share.write_text(json.dumps(found, indent=1) + "\n")


def _try_all(pair: Contender, only: str, trials: list[Trial], notes: list[str]) -> None:
    begun, ports = time.monotonic(), count()
    try:
        pair.begin()
        for fault in of_contender(pair):
            for number in range(fault.times if only in fault.name else 0):
                print(f"{time.monotonic() - begun:5.0f} s  {pair.name}: {fault.name}, {number + 1}", flush=True)
                try:
                    trials.append(course_of(pair, fault, next(ports)))
                    print(f"         {trials[-1]}", flush=True)
                except Exception as error:  # noqa: BLE001 - see below
                    # A failing fault must not stop the others; the page says which one it was.
                    words = f"{type(error).__name__}: {error}"
                    print(f"  failed: {words}", flush=True)
                    notes.append(f"{pair.name}, {fault.name}: {words.splitlines()[0]}")
    finally:
        pair.end()


if __name__ == "__main__":
    main(sys.argv[1])
