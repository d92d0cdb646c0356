"""Runs a command inside a kernel with IPVS, as root there, and returns its exit status.

`python -m lab.inside [--kernel native|embedded] [--kernel-argument ARGUMENT]... [--share DIRECTORY]
[--time-limit SECONDS] -- COMMAND...` On the native kernel it gets its own network, mount and process namespaces;
in the embedded kernel it has the guest. Owns the environment and directories of the command; knows nothing about
clusters or Palometa.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from lab.embedded import TIMED_OUT, Guest, run
from lab.which_kernel import Kernel, which_kernel

CLONE = Path(__file__).resolve().parent.parent
PATH = "/run/modules/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PASSED_ON = ("CI", "LANG", "LC_ALL", "TERM", "TZ", "HYPOTHESIS_PROFILE", "PYTEST_ADDOPTS")


def environment_inside(outside: Mapping[str, str], kernel: Kernel) -> dict[str, str]:
    """Return the environment of a command run inside: only a few variables of the caller's are kept."""
    environment = {name: outside[name] for name in _PASSED_ON if name in outside}
    environment |= {
        "PATH": f"{CLONE / '.venv/bin'}:{PATH}",
        "HOME": "/tmp",  # noqa: S108 - in memory, the guest's own
        "LANG": outside.get("LANG", "C.UTF-8"),
        "PALOMETA_LAB": kernel.value,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": "/tmp/hypothesis",  # noqa: S108
    }
    if not sys.stdout.isatty():
        environment |= {"NO_COLOR": "1", "TERM": "dumb"}
    return environment


def run_natively(command: list[str], share: Path | None, time_limit_s: float | None) -> int:
    """Run `command` in new namespaces on this machine's kernel."""
    namespaces = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]
    environment = environment_inside(os.environ, Kernel.NATIVE)
    if share:
        environment["PALOMETA_LAB_SHARE"] = str(share.resolve())
    try:
        return subprocess.run(
            [*namespaces, str(CLONE / "lab/native-init"), str(Path(sys.base_prefix).resolve()), *command],
            env=environment,
            cwd=CLONE,
            stdin=subprocess.DEVNULL,
            timeout=time_limit_s,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"Stopped at the time limit of {time_limit_s:g} s.\n")
        return TIMED_OUT


def run_embedded(
    command: list[str], share: Path | None, time_limit_s: float | None, kernel_arguments: tuple[str, ...] = ()
) -> int:
    """Run `command` in the embedded kernel, started with `kernel_arguments`."""
    environment = environment_inside(os.environ, Kernel.EMBEDDED)
    guest = Guest(
        tuple(command),
        environment,
        CLONE,
        share=share,
        time_limit_s=time_limit_s,
        kernel_arguments=kernel_arguments,
    )
    return run(guest)


def main(arguments: list[str]) -> int:
    """Run the command line; return the command's exit status (124: time limit reached)."""
    parser = argparse.ArgumentParser(prog="python -m lab.inside", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kernel", choices=[kernel.value for kernel in Kernel])
    parser.add_argument("--share", type=Path, help="a directory it may write, found in PALOMETA_LAB_SHARE")
    parser.add_argument("--time-limit", type=float, metavar="SECONDS")
    parser.add_argument(
        "--kernel-argument", action="append", default=[], help="added to the embedded kernel's command line"
    )
    parser.add_argument("command", nargs="+")
    chosen = parser.parse_args(arguments)
    kernel = Kernel(chosen.kernel) if chosen.kernel else which_kernel(os.environ)
    if kernel is Kernel.EMBEDDED:
        return run_embedded(
            chosen.command, chosen.share, chosen.time_limit, kernel_arguments=tuple(chosen.kernel_argument)
        )
    if chosen.kernel_argument:
        parser.error("--kernel-argument: only the embedded kernel is started here; add --kernel embedded")
    return run_natively(chosen.command, chosen.share, chosen.time_limit)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
