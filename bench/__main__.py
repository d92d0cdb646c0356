"""`make bench`: every figure of docs/performance.md in one run, beside the other tools in the same kernel.

Prints the tables, writes build/bench.json, and docs/performance.md where all sizes were measured.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.figures import OURS, Figures, Goal

CLONE = Path(__file__).resolve().parent.parent
SIZES = (100, 300, 1000)
LARGE = SIZES[-1]
_TIME_LIMIT_S = 3000

GOALS = (
    Goal("cold apply", LARGE, f"{OURS} apply", 1 / 3, than="keepalived"),
    Goal("cold apply", LARGE, f"{OURS} apply", 1 / 8, than="ipvsadm -R"),
    Goal("cold apply", LARGE, f"{OURS} pulse", 1 / 3, than="keepalived"),
    Goal("one weight", LARGE, f"{OURS}, file to kernel", 1 / 2, than="keepalived SIGHUP"),
    Goal("one weight", LARGE, f"{OURS}, ACCEPT to kernel", 1.0, than="keepalived SIGHUP"),
    Goal("writes when adopting a right table", LARGE, OURS, 0.0),
    Goal("adopt a right table", LARGE, OURS, 1.0, "read the table with counters", OURS),
    Goal("read the table with counters", LARGE, OURS, 1.0, than="ipvsadm -Ln --stats"),
    Goal("processor time of a connect check", 300, OURS, 2.0, than="keepalived"),
    Goal("memory", LARGE, f"{OURS} pulse", 150.0),
    Goal("memory", SIZES[0], f"{OURS} pulse", 60.0),
    Goal("requests lost in 200 changes", 3, OURS, 0.0),
)

_PAGE = """\
# Performance

Measured by `make bench` (root, or an embedded kernel; about fifteen minutes): each tool gets the same table in the
same run of the same kernel, in turn, and what is timed ends when the kernel holds it. A size is virtual servers of
ten real servers each. The embedded kernel is one slow processor with dear system calls: read ratios, not seconds.
The figures below are from one run; yours are printed and written to `build/bench.json`.

## Goals

{goals}

{profile}
## How cost grows with the size

1.00 is linear, 0 is not at all.

{growth}

## All figures

{table}
"""

_PROFILE = """\
A cold `palometa apply` at the largest size spends its time so, in the same kernel, by the clock: 0.2 s starting
Python, 0.4 to 0.6 s loading modules, 0.6 s reading 70,000 lines of lvs.cf (0.25 s on an ordinary machine; the
rest are page faults), 0.03 s working out the table, **0.14 s telling the kernel** eleven thousand entries, 0.4
s reading back what it holds. What is left is thus Python's start and the reading of the file, which a daemon
that runs does once: from then on a change is a matter of milliseconds. To go below, the reading of the file
would have to leave Python. pulse loads asyncio besides, and takes up ten thousand servers before it tells the
kernel of them.

Adopting takes longer than reading by what it does besides: ten thousand servers are taken up, a thousand
addresses are looked at.
"""


def report(figures: Figures) -> str:
    """Return the page of `figures`."""
    return _PAGE.format(
        goals="\n".join(figures.goals(GOALS)),
        profile=_PROFILE,
        growth="\n".join(figures.growth()),
        table="\n".join(figures.table()),
    )


def main(arguments: list[str]) -> int:
    """Run all cases inside a kernel with IPVS, print the page, and keep it."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench") as share:
        inside = ["-m", "lab.inside", "--share", share, "--time-limit", str(_TIME_LIMIT_S), "--"]
        case = [sys.executable, "-m", "bench.kernel", *(str(size) for size in chosen.sizes)]
        status = subprocess.run([sys.executable, *inside, *case], cwd=CLONE, check=False).returncode
        if status:
            return status
        figures = Figures.read(Path(share) / "figures.json")
    build = CLONE / "build"
    build.mkdir(exist_ok=True)
    figures.write(build / "bench.json")
    print(report(figures))
    if tuple(chosen.sizes) == SIZES:
        (CLONE / "docs/performance.md").write_text(report(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
