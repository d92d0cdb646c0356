"""What this machine calls itself to servers that insist on a full name (RFC 5321, 2.3.5 and 4.1.3).

Asks no name server: an answer must not wait for DNS, nor depend on it.
"""

import os
import re
import socket
from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from app.lvs.model.values import Address

HOSTS = Path("/etc/hosts")
_FULL = re.compile(r"(?!localhost)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
# Addresses of documentation: nothing is sent to them, the kernel only says from where it would be.
_ANYWHERE = {4: (socket.AF_INET, "192.0.2.1"), 6: (socket.AF_INET6, "2001:db8::1")}


def machine_name() -> str:
    """Return the name of this machine in a form that mail servers accept."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", os.uname().nodename)[:200].strip(".-") or "localhost"


def introduction(chosen: str, own: str) -> str:
    """Return the name for EHLO over a connection from the address `own`: `chosen`, if set.

    Otherwise the machine's full name, or if it has none the address as a literal, such as [192.0.2.2].
    """
    return chosen or full_name(machine_name()) or address_literal(own)


def full_name(name: str, hosts: Path = HOSTS) -> str | None:
    """Return `name` with its domain, from `hosts` if it does not contain it; None if that is not known."""
    if _FULL.fullmatch(name):
        return name
    with suppress(OSError):
        return _full_name_in(name, hosts, hosts.stat().st_mtime_ns)
    return None


def address_literal(own: str) -> str:
    """Return the address `own` as mail servers read it; one that means every machine is replaced if possible."""
    address = ip_address(own.partition("%")[0])
    if address.is_loopback:
        address = _outward(address.version) or _outward(4) or address
    mapped = address.ipv4_mapped if address.version == 6 else None
    return f"[IPv6:{address}]" if address.version == 6 and mapped is None else f"[{mapped or address}]"


@lru_cache(maxsize=4)
def _full_name_in(name: str, hosts: Path, _mtime_ns: int) -> str | None:
    """Return the first full name in the line of `hosts` that names `name`, as `hostname -f` does."""
    for line in hosts.read_text("ascii", "replace").splitlines():
        _, *names = line.partition("#")[0].split() or [""]
        if name in names or any(other.startswith(f"{name}.") for other in names):
            found = next((other for other in names if _FULL.fullmatch(other)), None)
            if found is not None:
                return found
    return None


def _outward(version: int) -> Address | None:
    """Return the address from which packets leave this machine by default; None: by none."""
    family, anywhere = _ANYWHERE[version]
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.connect((anywhere, 9))
        own = ip_address(asking.getsockname()[0])
        return None if own.is_loopback else own
    return None
