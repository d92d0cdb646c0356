"""`make bench-pair`: a pair of routers in each fault, compared with plain keepalived in the same lab.

Prints progress and the page, and writes build/bench-pair.json, and docs/pair-figures.md if everything was
measured. Exits with status 1 if a promise is missed or was not measured.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.about import about
from bench.pair.page import page
from bench.pair.promises import evaluate
from bench.pair.trial import Trial

CLONE = Path(__file__).resolve().parent.parent.parent
_TIME_LIMIT_S = 1200


def main(arguments: list[str]) -> int:
    """Cause all faults, and print and save the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.pair", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", default="", help="run only the faults with this word in their name")
    chosen = parser.parse_args(arguments)
    begun = time.monotonic()
    status, found = _inside(chosen.only)
    trials = [Trial(**{**trial, "failed": tuple(trial["failed"])}) for trial in found["trials"]]
    where = about("keepalived") | found["about"] | {"duration": f"{(time.monotonic() - begun) / 60:.0f} minutes"}
    text = page(where, trials, found["notes"])
    print(text)
    build = CLONE / "build"
    build.mkdir(exist_ok=True)
    (build / "bench-pair.json").write_text(json.dumps(found, indent=1) + "\n")
    if not chosen.only and status == 0:
        (CLONE / "docs/pair-figures.md").write_text(text)
    return status or int(not all(verdict.is_kept for verdict in evaluate(trials)))


def _inside(only: str) -> tuple[int, dict[str, Any]]:
    """Run the part in the kernel; return its status and the results, even if incomplete."""
    with tempfile.TemporaryDirectory(prefix="bench") as share:
        inside = ["-m", "lab.inside", "--share", share, "--time-limit", str(_TIME_LIMIT_S), "--"]
        faults = [sys.executable, "-m", "bench.pair.kernel", only]
        status = subprocess.run([sys.executable, *inside, *faults], cwd=CLONE, check=False).returncode
        kept = Path(share) / "trials.json"
        found: dict[str, Any] = {"about": {}, "trials": [], "notes": []}
        if kept.exists():
            found = json.loads(kept.read_text())
        if status:
            found["notes"].append(f"some figures are missing: the part in the kernel ended with status {status}")
        return status, found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
