"""The kernel switches pulse may read and set: a fixed list, of this network namespace."""

import enum
import errno
import os
from pathlib import Path

_ROOT = Path("/proc/sys")


class Sysctl(enum.StrEnum):
    """A switch by the name sysctl(8) gives it."""

    IPV4_FORWARDING = "net.ipv4.ip_forward"
    IPV6_FORWARDING = "net.ipv6.conf.all.forwarding"


class SysctlFailed(Exception):
    """A switch could not be read or set; the message says why and what to do."""


def is_on(sysctl: Sysctl) -> bool:
    """Tell whether `sysctl` is on; raise SysctlFailed."""
    try:
        return int(_path(sysctl).read_text()) != 0
    except (OSError, ValueError) as error:
        raise SysctlFailed(f"Cannot read {sysctl}: {_reason(error)}.") from error


def switch_on(sysctl: Sysctl) -> bool:
    """Switch `sysctl` on; return False when it was on already. Raises SysctlFailed."""
    if is_on(sysctl):
        return False
    try:
        _path(sysctl).write_text("1\n")
    except OSError as error:
        raise SysctlFailed(
            f"Cannot switch on {sysctl}: {_reason(error)}. Packets are not forwarded without it: "
            f"run 'sysctl -w {sysctl}=1' as root, and put it into /etc/sysctl.conf."
        ) from error
    return True


def promotes_secondaries(interface: str) -> bool:
    """Tell whether the other addresses of a subnet stay on `interface` when its first one is removed."""
    directory = _ROOT / "net/ipv4/conf"
    try:
        return any(int((directory / name / "promote_secondaries").read_text()) for name in ("all", interface))
    except (OSError, ValueError):
        return False


def _path(sysctl: Sysctl) -> Path:
    return _ROOT.joinpath(*sysctl.split("."))


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "this kernel does not have it"
    if isinstance(error, PermissionError) or (isinstance(error, OSError) and error.errno == errno.EROFS):
        return "this process may not write to /proc/sys"
    return os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
