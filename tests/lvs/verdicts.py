"""The configuration as the daemons' own words and numbers, to compare with what Piranha's reader answered."""

from typing import Any

from app.lvs.keywords.table import effective
from app.lvs.model.config import Config, RealServer, VirtualServer
from tests.lvs.heartbeat_addresses import heartbeat_addresses

_NETWORK = {"nat": 1, "direct": 2, "tunnel": 3}
_SCHEDULER = {"lc": 1, "rr": 2, "wlc": 3, "wrr": 4, "lblc": 5, "lblcr": 6, "dh": 7, "sh": 8}
_PROTOCOL = {"tcp": 6, "udp": 17}
_NUMBERS = (
    "heartbeat_port",
    "keepalive",
    "deadtime",
    "monitor_links",
    "syncd_id",
    "tcp_timeout",
    "tcpfin_timeout",
)
_SWITCHES = ("backup_active", "syncdaemon", "hard_shutdown")
_VIRTUAL_NUMBERS = ("port", "persistent", "timeout", "reentry")
_VIRTUAL_SWITCHES = ("active", "quiesce_server", "use_regex")


def _text(value: object) -> str:
    return "0.0.0.0" if value is None else str(value)


def globals_of(config: Config) -> dict[str, Any]:
    """Return what the verdicts hold of the global keys."""
    addresses = heartbeat_addresses(config)
    router = config.nat_router
    return {
        "primary": _text(config.primary),
        "backup": _text(config.backup),
        "primary_private": _text(addresses.primary),
        "backup_private": _text(addresses.backup),
        "nat_router": _text(router and router.address),
        "nat_device": router.device if router else None,
        "network": _NETWORK[effective(config, "network")],
        "service": 1 if effective(config, "service") == "fos" else 0,
        "syncd_iface": effective(config, "syncd_iface"),
        "udp_timeout": effective(config, "udp_timeout"),
        **{key: effective(config, key) for key in _NUMBERS},
        **{key: int(effective(config, key)) for key in _SWITCHES},
    }


def virtual_of(virtual: VirtualServer) -> dict[str, Any]:
    """Return what the verdicts hold of a virtual server, but for the quotes round texts."""
    pmask = _text(virtual.pmask)
    return {
        "name": virtual.name,
        "address": _text(virtual.address and virtual.address.address),
        "device": virtual.address.device if virtual.address else None,
        "vip_nmask": _text(virtual.vip_nmask),
        "sorry_server": _text(virtual.sorry_server),
        "pmask": "0.0.0.0" if pmask == "255.255.255.255" else pmask,
        "send": virtual.send,
        "expect": virtual.expect,
        "send_program": virtual.send_program,
        "load_monitor": virtual.load_monitor,
        "fwmark": virtual.fwmark or 0,
        "protocol": _PROTOCOL[effective(virtual, "protocol")],
        "scheduler": _SCHEDULER[effective(virtual, "scheduler")],
        "server": [_server_of(virtual, server) for server in virtual.server],
        **{key: effective(virtual, key) for key in _VIRTUAL_NUMBERS},
        **{key: int(effective(virtual, key)) for key in _VIRTUAL_SWITCHES},
    }


def _server_of(virtual: VirtualServer, server: RealServer) -> dict[str, Any]:
    return {
        "name": server.name,
        "address": _text(server.address),
        "active": int(effective(server, "active")),
        "port": effective(virtual, "port") if server.port is None else server.port,
        "weight": effective(server, "weight"),
    }


def without_quotes(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a verdict's virtual server with the double quotes taken off, as Piranha's daemon did later."""
    texts = ("send", "expect", "send_program")
    return {
        key: value[1:-1] if key in texts and value and len(value) > 1 and value[0] == '"' else value
        for key, value in answer.items()
    }
