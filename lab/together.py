"""Runs a command in several kernels at once: `python -m lab.together NUMBER [--time-limit SECONDS] -- COMMAND`

They have one shared directory, through which test runs divide the test modules among them (tests/conftest.py). The
output of each is relayed line by line, prefixed with its number. The exit status is the highest of all.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Thread
from typing import IO

from lab.inside import CLONE

MODULES = "modules"
"""The folder in the shared directory in which a test module is claimed by creating a folder of its name."""


def main(arguments: list[str]) -> int:
    """Run the command line; return the highest exit status."""
    parser = argparse.ArgumentParser(prog="python -m lab.together", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("number", type=int)
    parser.add_argument("--time-limit", metavar="SECONDS")
    parser.add_argument("command", nargs="+")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="palometa-together-") as name:
        share = Path(name)
        (share / MODULES).mkdir()
        words = ["--share", name, *(["--time-limit", chosen.time_limit] if chosen.time_limit else [])]
        # None of them must outlive us, however we end.
        command = ["setpriv", "--pdeathsig", "TERM", "--", sys.executable, "-m", "lab.inside", *words, "--"]
        kernels = [
            subprocess.Popen(
                [*command, *chosen.command], cwd=CLONE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            for _ in range(chosen.number)
        ]
        listeners = [
            Thread(target=_pass_on, args=(kernel.stdout, number), daemon=True)
            for number, kernel in enumerate(kernels, 1)
        ]
        for listener in listeners:
            listener.start()
        return _wait(kernels, listeners)


def _pass_on(said: IO[str], number: int) -> None:
    for line in said:
        sys.stdout.write(f"{number}| {line}")
        sys.stdout.flush()


def _wait(kernels: list[subprocess.Popen[str]], listeners: list[Thread]) -> int:
    try:
        statuses = [kernel.wait() for kernel in kernels]
    except KeyboardInterrupt:
        # The terminal has signalled them too, and each ends its own kernel.
        statuses = [kernel.wait() for kernel in kernels]
    for listener in listeners:
        listener.join()
    return max(abs(status) for status in statuses)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
