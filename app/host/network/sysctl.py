"""The sysctls that pulse may read and set: a fixed list, of this network namespace."""

import enum
import errno
import os
from pathlib import Path

from app.host.network.routes import advertised_interfaces

_ROOT = Path("/proc/sys")


class Sysctl(enum.StrEnum):
    """A sysctl by the name sysctl(8) uses."""

    IPV4_FORWARDING = "net.ipv4.ip_forward"
    IPV6_FORWARDING = "net.ipv6.conf.all.forwarding"
    PORTS_USED_AGAIN = "net.ipv4.vs.conn_reuse_mode"


_WITHOUT = {
    Sysctl.IPV4_FORWARDING: "Packets are not forwarded without it",
    Sysctl.IPV6_FORWARDING: "Packets are not forwarded without it",
    Sysctl.PORTS_USED_AGAIN: "Clients of a server that was taken out get no answer from some of their ports",
}
_ON = {Sysctl.PORTS_USED_AGAIN: 3}
"""The value of a sysctl that is more than a switch: any value with the second bit set counts as on."""


class SysctlFailed(Exception):
    """A sysctl could not be read or set; the message says why and what to do."""


def is_on(sysctl: Sysctl) -> bool:
    """Return whether `sysctl` is on; raise SysctlFailed."""
    try:
        return int(_path(sysctl).read_text()) > _on(sysctl) // 2
    except (OSError, ValueError) as error:
        raise SysctlFailed(f"Cannot read {sysctl}: {_reason(error)}.") from error


def switch_on(sysctl: Sysctl) -> bool:
    """Switch `sysctl` on; return False when it was on already. Raises SysctlFailed."""
    if is_on(sysctl):
        return False
    try:
        _path(sysctl).write_text(f"{_on(sysctl)}\n")
    except OSError as error:
        raise SysctlFailed(
            f"Cannot switch on {sysctl}: {_reason(error)}. {_WITHOUT[sysctl]}: "
            f"run 'sysctl -w {sysctl}={_on(sysctl)}' as root, and add it to /etc/sysctl.conf."
        ) from error
    return True


def keep_advertised_routes() -> None:
    """Make interfaces whose IPv6 default route comes from a router advertisement keep accepting advertisements.

    When forwarding is switched on, the kernel immediately removes these routes and ignores advertisements, unless
    accept_ra is 2: the director would be cut off. Raises SysctlFailed.
    """
    for interface in advertised_interfaces():
        path = _ROOT / "net/ipv6/conf" / interface / "accept_ra"
        try:
            if int(path.read_text()) == 1:
                path.write_text("2\n")
        except (OSError, ValueError) as error:
            name = f"net.ipv6.conf.{interface}.accept_ra"
            raise SysctlFailed(
                f"Cannot set {name}: {_reason(error)}. IPv6 forwarding stays off, because this machine has its "
                "default route from a router advertisement and would lose it: run "
                f"'sysctl -w {name}=2' as root, and add it to /etc/sysctl.conf."
            ) from error


def promotes_secondaries(interface: str) -> bool:
    """Return whether the other addresses of a subnet stay on `interface` when its first one is removed."""
    directory = _ROOT / "net/ipv4/conf"
    try:
        return any(int((directory / name / "promote_secondaries").read_text()) for name in ("all", interface))
    except (OSError, ValueError):
        return False


def _on(sysctl: Sysctl) -> int:
    return _ON.get(sysctl, 1)


def _path(sysctl: Sysctl) -> Path:
    return _ROOT.joinpath(*sysctl.split("."))


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "this kernel does not have it"
    if isinstance(error, PermissionError) or (isinstance(error, OSError) and error.errno == errno.EROFS):
        return "this process may not write to /proc/sys"
    return os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
