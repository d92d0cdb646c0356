"""A program of the tests that tells what its process is: `main([])`, or `python -m tests.lab.privileges_told`."""

import os
import stat
import sys
from pathlib import Path

_TOLD = ("Uid:", "Gid:", "Groups:", "NoNewPrivs:", "Cap")


def main(_arguments: list[str]) -> None:
    """Print the privileges, the namespace and who owns the process's files in /proc."""
    lines = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(_TOLD)]
    owner = os.stat("/proc/self/environ")
    lines += [os.readlink("/proc/self/ns/net"), f"{owner.st_uid} {stat.filemode(owner.st_mode)}"]
    lines += [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("PALOMETA")]
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main(sys.argv[1:])
