"""Loading the modules of two schedulers before the kernel would load them itself, which may hang its network.

The kernel loads a missing scheduler while it holds the lock of its IPVS table. The modules of lblc and lblcr
register with every network namespace as they are loaded, and so wait for one that is being removed, which in turn
waits for that lock. From then on no network interface can be changed until the machine is restarted (found in
Linux 6.1, by the stacks of the tasks: ip_vs_add_service, ip_vs_lblcr_init, cleanup_net). Loaded beforehand, they
hold no such lock.
"""

import os
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path

_REGISTERING = frozenset({"lblc", "lblcr"})
_LOADED = Path("/sys/module")
_LIMIT_S = 20.0


def load_ahead(scheduler: str, loaded: Path = _LOADED) -> None:
    """Load the module of `scheduler` if it is one of the two and not among those in the directory `loaded`.

    If this process may not, or there is no such module, the kernel is left to find it; where pulse runs without
    root, its systemd unit has loaded both.
    """
    if scheduler in _REGISTERING and not (loaded / f"ip_vs_{scheduler}").exists():
        load_once(scheduler)


@cache
def load_once(scheduler: str) -> None:
    """Load it the first time: a kernel that has it built in, or not at all, is not asked for every service."""
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(  # noqa: S603 - one of two words, no shell
            ["modprobe", "--quiet", f"ip_vs_{scheduler}"],  # noqa: S607 - not in the same place everywhere
            env={"PATH": _search_path()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LIMIT_S,
            check=False,
        )


def _search_path() -> str:
    # Without an empty part, which would be the current directory.
    return os.pathsep.join(part for part in (*os.get_exec_path(), "/usr/sbin", "/sbin") if part)
