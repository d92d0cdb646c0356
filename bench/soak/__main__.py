"""`make soak`: a pair of routers under traffic and edits, whose daemons are killed at random from a seed.

Prints what was killed, what was acknowledged, and each thing that was lost; writes build/soak.json, with what
happened when, and the logs of the daemons beside it. Exits with status 1 if anything acknowledged was lost, a
request failed with no keepalived killed, or the two did not agree again.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CLONE = Path(__file__).resolve().parent.parent.parent
_SET_UP_S = 300
_REST_SHARE = 2.0
"""Time limit, as a multiple of the time spent killing: each round is followed by a rest."""


def main(arguments: list[str]) -> int:
    """Run it, and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=600.0, help="how long to kill (default: %(default)g)")
    parser.add_argument("--seed", type=int, default=32, help="of what is killed when (default: %(default)d)")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench") as share:
        limit_s = _SET_UP_S + _REST_SHARE * chosen.seconds
        inside = ["-m", "lab.inside", "--share", share, "--time-limit", f"{limit_s:g}", "--"]
        soak = [sys.executable, "-m", "bench.soak.kernel", f"{chosen.seconds:g}", str(chosen.seed)]
        status = subprocess.run([sys.executable, *inside, *soak], cwd=CLONE, check=False).returncode
        kept = Path(share) / "soak.json"
        if status or not kept.exists():
            print(f"The part in the kernel ended with status {status}.")
            return status or 1
        found: dict[str, Any] = json.loads(kept.read_text())
        build = CLONE / "build"
        build.mkdir(exist_ok=True)
        for file in Path(share).glob("soak*"):
            shutil.copy(file, build)
    print("\n".join(lines_of(found)))
    return 1 if found["wrong"] else 0


def lines_of(found: dict[str, Any]) -> list[str]:
    """Return the findings as text."""
    kills = ", ".join(f"{name} {count}" for name, count in sorted(found["kills"].items()))
    longest_s = max(found["rest_s"], default=0.0)
    return [
        f"on {found['kernel']}, {found['its processor']}",
        f"killed: {sum(found['kills'].values())} ({kills})",
        f"changes: {found['acknowledged']} acknowledged, {found['refused']} refused, "
        f"{found['unanswered']} unanswered",
        f"requests: {found['requests']}, {found['failed']} failed",
        f"until everything agreed again, {len(found['rest_s'])} times: {longest_s:.1f} s at most",
        *(f"WRONG: {words}" for words in found["wrong"]),
        f"wrong: {len(found['wrong'])}",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
