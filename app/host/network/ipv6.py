"""Whether this network namespace has IPv6, and which sysctl switches it off."""

from pathlib import Path

NO_IPV6 = (
    "this kernel has no IPv6: load it ('modprobe ipv6'), start the kernel without 'ipv6.disable=1', or remove the "
    "IPv6 addresses"
)
_SETTINGS = Path("/proc/sys/net/ipv6/conf")


def has_ipv6(settings: Path = _SETTINGS) -> bool:
    """Return whether the kernel has IPv6; with the boot parameter ipv6.disable=1 it has no setting of it."""
    return settings.is_dir()


def disabling_sysctl(interface: str, settings: Path = _SETTINGS) -> str:
    """Return the sysctl that switches IPv6 off on `interface`, as sysctl(8) takes it; empty: none does.

    What counts is the interface's own; that of all interfaces is named where it is set, as it has set the others.
    """
    if not _is_set(settings / interface / "disable_ipv6"):
        return ""
    name = "all" if _is_set(settings / "all/disable_ipv6") else interface
    # A name with a dot, such as that of a VLAN, is told apart from a path only by slashes.
    separator = "/" if "." in name else "."
    return separator.join(("net", "ipv6", "conf", name, "disable_ipv6"))


def _is_set(path: Path) -> bool:
    try:
        return int(path.read_text()) != 0
    except (OSError, ValueError):
        return False
