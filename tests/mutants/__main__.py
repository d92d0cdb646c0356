"""Breaks the pure rooms at random places and counts the breaks that their tests notice.

`python -m tests.mutants [--seed N] [--count N] [ROOM...]`: in each room, a folder of app/ that touches neither
machine nor clock, `count` places are chosen by the seed; each is broken in a copy of the clone, where the room's
tests are run. Prints each break and whether it was noticed; ends with status 1 if in a room fewer than nine in ten
were.
"""

import argparse
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.breaks import Break, breaks

CLONE = Path(__file__).parents[2]
PURE = (
    *sorted(f"lvs/{path.name}" for path in (CLONE / "app" / "lvs").iterdir() if (path / "__init__.py").exists()),
)
"""The rooms that decide and do nothing else."""
GOAL = 0.9
LIMIT_S = 300
"""A break may make a loop endless, which counts as noticed."""
_SHOWN = 90
_PYTEST = (
    *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not kernel and not browser"),
    "--hypothesis-profile=mutants",
)
_COPIED = (
    "app",
    "tests",
    "templates",
    "static",
    "docs",
    "migrations",
    "lab",
    "bench",
    "pyproject.toml",
    "README.md",
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A break of one module."""

    room: str
    module: Path
    broken: Break

    def __str__(self) -> str:
        before, after = self.broken.before, self.broken.after
        same = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), 0)
        start = max(0, same - _SHOWN // 2)
        shown = "\n".join(f"    {text[start : start + _SHOWN]}" for text in (before, after))
        return f"{self.module}:{self.broken.line}\n{shown}"


def chosen(room: str, count: int, seed: int) -> list[Mutant]:
    """Return `count` breaks of `room`, the same for the same seed and program."""
    every = [
        Mutant(room, path.relative_to(CLONE), found)
        for path in sorted((CLONE / "app" / room).glob("*.py"))
        for found in breaks(path.read_text())
    ]
    return random.Random(f"{seed} {room}").sample(every, min(count, len(every)))


def is_noticed(mutant: Mutant, copy: Path) -> bool:
    """Return whether a test fails, or does not end, with `mutant` in place; `copy` is as before afterwards."""
    path = copy / mutant.module
    before = path.read_text()
    path.write_text(mutant.broken.text)
    try:
        own = f"tests/{mutant.room}"
        return _fail([own], copy) or _fail([str(Path(own).parent), f"--ignore={own}"], copy)
    finally:
        path.write_text(before)


def _fail(tests: list[str], copy: Path) -> bool:
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    # What is compiled once in a copy is there for its further breaks.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        ended = subprocess.run(
            [*_PYTEST, *tests], cwd=copy, env=environment, capture_output=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return ended.returncode == 1 or ended.returncode == 2


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=10, help="breaks in each room (default: 10)")
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"of {', '.join(PURE)} (default: all)")
    options = parser.parse_args(arguments)
    rooms = options.rooms or PURE
    mutants = [mutant for room in rooms for mutant in chosen(room, options.count, options.seed)]
    copies: queue.SimpleQueue[Path] = queue.SimpleQueue()
    lived: list[Mutant] = []
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(workers := os.cpu_count() or 1) as pool:
        for number in range(workers):
            copies.put(_copy(Path(directory, str(number))))

        def run(mutant: Mutant) -> bool:
            copy = copies.get()
            try:
                return is_noticed(mutant, copy)
            finally:
                copies.put(copy)

        for mutant, noticed in zip(mutants, pool.map(run, mutants), strict=True):
            print("noticed" if noticed else "LIVED", mutant, flush=True)
            if not noticed:
                lived.append(mutant)
    return _report(rooms, mutants, lived)


def _copy(target: Path) -> Path:
    target.mkdir()
    for name in _COPIED:
        source = CLONE / name
        if source.is_dir():
            shutil.copytree(source, target / name)
        else:
            shutil.copy(source, target / name)
    return target


def _report(rooms: Sequence[str], mutants: Sequence[Mutant], lived: Sequence[Mutant]) -> int:
    is_reached = True
    for room in rooms:
        count = sum(mutant.room == room for mutant in mutants)
        noticed = count - sum(mutant.room == room for mutant in lived)
        is_reached &= noticed >= GOAL * count
        print(f"{room:20} {noticed} of {count}")
    return 0 if is_reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
