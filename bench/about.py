"""When, where and with which versions a page of figures was measured."""

import datetime
import os
import platform
import subprocess

from app import __version__
from lab.which_kernel import which_kernel


def about(*packages: str) -> dict[str, str]:
    """Return the facts by their labels; `packages` are the Debian packages Palometa is compared with."""
    with open("/proc/cpuinfo") as file:
        models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    versions = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}, ", *packages],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return {
        "measured": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC",
        "Palometa": __version__,
        "Python": platform.python_version(),
        "compared with": versions.strip(", ") or "unknown",
        "machine": f"{os.cpu_count()} × {models[0] if models else platform.machine()}, Linux {platform.release()}",
        "kernel under test": which_kernel(os.environ).value,
    }
