"""`make bench`: every figure of docs/performance.md in one run, compared with other tools in the same kernel.

Prints progress and the page, and writes build/bench.json, and docs/performance.md if all sizes were measured.
"""

import argparse
import compileall
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.about import about
from bench.capacity import capacity
from bench.figures import Figures
from bench.lvs_cf import reading_and_writing
from bench.page import page

CLONE = Path(__file__).resolve().parent.parent
SIZES = (100, 300, 1000)
_TIME_LIMIT_S = 3000
_PACKAGES = ("ipvsadm", "keepalived", "ldirectord")


def main(arguments: list[str]) -> int:
    """Run all cases, and print and save the page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--only", default="", help="run only the kernel cases with this word in their name")
    chosen = parser.parse_args(arguments)
    sizes = sorted(chosen.sizes)
    is_whole = tuple(sizes) == SIZES and not chosen.only
    # An installed Palometa is compiled; without this, the first measured starts would compile it, or all of them.
    for name in ("app", "lab", "bench"):
        compileall.compile_dir(CLONE / name, quiet=1)
    begun = time.monotonic()
    figures = Figures(about=about(*_PACKAGES))
    status = _inside(sizes, chosen.only, figures)
    if not chosen.only:
        reading_and_writing(figures)
        capacity(figures, is_short=not is_whole)
    figures.about["duration"] = f"{(time.monotonic() - begun) / 60:.0f} minutes"
    build = CLONE / "build"
    build.mkdir(exist_ok=True)
    figures.write(build / "bench.json")
    (build / "performance.md").write_text(page(figures))
    print(page(figures))
    if is_whole and status == 0:
        (CLONE / "docs/performance.md").write_text(page(figures))
    return status


def _inside(sizes: list[int], only: str, figures: Figures) -> int:
    """Run the cases that need a kernel with IPVS, and collect their figures, even if incomplete."""
    with tempfile.TemporaryDirectory(prefix="bench") as share:
        inside = ["-m", "lab.inside", "--share", share, "--time-limit", str(_TIME_LIMIT_S), "--"]
        cases = [sys.executable, "-m", "bench.kernel", only, *(str(size) for size in sizes)]
        status = subprocess.run([sys.executable, *inside, *cases], cwd=CLONE, check=False).returncode
        found = Path(share) / "figures.json"
        if found.exists():
            figures.take(Figures.read(found))
        if status:
            figures.notes.append(f"some figures are missing: the part in the kernel ended with status {status}")
        return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
