"""keepalived.conf: made of numbers, addresses and checked names only, so nothing typed can change its meaning.

keepalived.conf(5) knows no quoting that holds for every word, has comments, variables and includes, and a wrong
file may end a running keepalived. So a name is taken only when each of its characters is known to be harmless.
"""

import re

from app.lvs.pair.vrrp import Vrrp

INSTANCE = "palometa"
"""The name of the one virtual router."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")
_PATH = re.compile(r"(/[A-Za-z0-9_.,+-]+)+")


class UnsafeName(Exception):
    """A name or path that is not safe in keepalived's file; the message says what to do."""


def keepalived_text(vrrp: Vrrp, step_file: str) -> str:
    """Return keepalived.conf for `vrrp`; the number in `step_file` is added to the priority.

    Raises UnsafeName.
    """
    lines = [
        "# Written by pulse. Changes made by hand are overwritten.",
        "global_defs {",
        # Not reload_check_config: under load, 2.2.7 then reloads what it had before. pulse has checked the file.
        "    enable_script_security",
        # An interface that goes and comes back under its name is taken up again.
        "    dynamic_interfaces",
        "    vrrp_version 3",
        "    vrrp_garp_master_repeat 1",
        # Otherwise each packet an owner hears, a stranger's that it ignores too, puts its next advertisement off.
        "    vrrp_lower_prio_no_advert",
        "}",
        "track_file step {",
        f"    file {_path(step_file)}",
        "    weight 1",
        "    init_file 0",
        "}",
        f"vrrp_instance {INSTANCE} {{",
        # Never MASTER: whoever starts asks first.
        "    state BACKUP",
        f"    interface {_name(vrrp.interface)}",
        f"    virtual_router_id {vrrp.router_id:d}",
        f"    priority {vrrp.priority:d}",
        f"    advert_int {_seconds(vrrp.advert_ms)}",
    ]
    if not vrrp.is_preempting:
        lines.append("    nopreempt")
    elif vrrp.preempt_delay_s:
        lines.append(f"    preempt_delay {vrrp.preempt_delay_s:d}")
    lines += _peer_lines(vrrp)
    lines += ["    track_file {", "        step", "    }"]
    if vrrp.tracked:
        lines += ["    track_interface {", *(f"        {_name(name)}" for name in vrrp.tracked), "    }"]
    marker = f"{vrrp.marker}/{vrrp.marker.max_prefixlen} dev lo"
    scope = " scope host" if vrrp.marker.version == 4 else ""
    lines += ["    virtual_ipaddress {", f"        {marker}{scope}", "    }"]
    return "\n".join([*lines, "}", ""])


def _peer_lines(vrrp: Vrrp) -> list[str]:
    # Without its own address a router hears nobody, and would become the owner. pulse stops it then; this holds
    # while pulse does not run.
    tracked = "    track_src_ip"
    if not vrrp.is_unicast:
        return [f"    mcast_src_ip {vrrp.own}", tracked]
    return [
        f"    unicast_src_ip {vrrp.own}",
        "    check_unicast_src",
        "    unicast_peer {",
        f"        {vrrp.peer}",
        "    }",
        tracked,
    ]


def _name(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise UnsafeName(
            f"The interface {name!r} cannot be used in keepalived's configuration: up to 15 letters, digits, '.', "
            "'_' and '-' are accepted. Rename the interface."
        )
    return name


def _path(path: str) -> str:
    if _PATH.fullmatch(path) is None:
        raise UnsafeName(
            f"The runtime directory of {path!r} cannot be used in keepalived's configuration: letters, digits and "
            "'_.,+-' are accepted. Set PALOMETA_RUNTIME_DIRECTORY to another directory."
        )
    return path


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1000}.{milliseconds % 1000 // 10:02d}"
