"""Which kernel the tests and the pages program: this machine's own, or the embedded one.

Only decides; runs nothing in either.
"""

import os
import subprocess
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path


class Kernel(StrEnum):
    """A kernel with IPVS."""

    NATIVE = "native"
    EMBEDDED = "embedded"


def which_kernel(environment: Mapping[str, str]) -> Kernel:
    """Return the kernel set in PALOMETA_KERNEL; by default the machine's own if it has IPVS and we are root."""
    forced = environment.get("PALOMETA_KERNEL", "")
    if forced:
        try:
            return Kernel(forced)
        except ValueError:
            raise SystemExit(
                f"PALOMETA_KERNEL is '{forced}': set it to native or embedded, or unset it to detect the kernel."
            ) from None
    if os.geteuid() == 0 and _has_ipvs() and _may_make_namespaces():
        return Kernel.NATIVE
    return Kernel.EMBEDDED


def _has_ipvs() -> bool:
    return Path("/proc/net/ip_vs").exists() or _succeeds(["modprobe", "--quiet", "ip_vs"])


def _may_make_namespaces() -> bool:
    return _succeeds(["unshare", "--net", "--mount", "--pid", "--fork", "true"])


def _succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    print(which_kernel(os.environ))
