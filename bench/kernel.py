"""The cases that need a kernel's IPVS: ``python -m bench.kernel ONLY SIZE...``, called in it by `make bench`."""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.host.ipvs.table import IPVS
from bench.changing import under_load
from bench.checking import checking
from bench.cold import cold
from bench.edits import edits
from bench.figures import Figures
from bench.keeping import idling, reading
from bench.network import make_links
from bench.one_weight import one_weight
from bench.pages import pages
from bench.workbench import Bench


def main(only: str, sizes: list[int]) -> None:
    """Run the cases with `only` in their name at each of `sizes`; write the figures to the shared directory."""
    make_links()
    figures = Figures(about={"kernel": f"Linux {platform.release()}", "its processor": processor()})
    share = Path(os.environ["PALOMETA_LAB_SHARE"]) / "figures.json"
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench") as directory, IPVS() as ipvs:
        Path(directory).chmod(0o755)
        bench = Bench(Path(directory), ipvs, figures)
        for name, case in _cases(bench, sizes):
            if only not in name:
                continue
            print(f"{time.monotonic() - begun:5.0f} s  {name}", flush=True)
            try:
                case()
            except Exception as error:  # noqa: BLE001 - see below
                # A failing case must not stop the others; the page says which one it was.
                words = f"{type(error).__name__}: {error}".replace("\n", " ")
                print(f"  {name} failed: {words}", flush=True)
                figures.notes.append(f"{name}: {words[:300]}")
            figures.write(share)


def _cases(bench: Bench, sizes: list[int]) -> list[tuple[str, Callable[[], None]]]:
    cases: list[tuple[str, Callable[[], None]]] = []
    for size in sizes:
        cases += [
            (f"from an empty kernel, {size}", partial(cold, bench, size)),
            (f"reading and adopting, {size}", partial(reading, bench, size)),
            (f"changes, {size}", partial(edits, bench, size)),
            (f"steps of one weight, {size}", partial(one_weight, bench, size)),
            (f"pages, {size}", partial(pages, bench, size)),
            (f"idling, {size}", partial(idling, bench, size, size == max(sizes))),
            # Ten targets per virtual server are more than one slow processor can check in a second.
            (f"checks of {size} targets", partial(checking, bench, size)),
        ]
    return [*cases, ("changes under load", partial(under_load, bench))]


def processor() -> str:
    """Return how many processors of which kind this kernel sees."""
    with open("/proc/cpuinfo") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return f"{len(names)} × {names[0]}" if names else "unknown"


if __name__ == "__main__":
    main(sys.argv[1], [int(word) for word in sys.argv[2:]])
