"""A small good configuration, to be changed by tests one word at a time."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.values import Floating, Network, Prefix


def server(number: int = 1, **changes: Any) -> RealServer:
    """Return the real server `number`, active."""
    good = RealServer(name=f"web{number}", address=ip_address(f"192.0.2.{10 + number}"), active=True, weight=1)
    return replace(good, **changes)


def virtual(**changes: Any) -> VirtualServer:
    """Return an active virtual server with three real servers."""
    good = VirtualServer(
        name="WEB",
        active=True,
        address=Floating(ip_address("192.0.2.1"), "eth0:1"),
        vip_nmask=Prefix(32),
        port=80,
        server=(server(1), server(2), server(3)),
    )
    return replace(good, **changes)


def config(*virtuals: VirtualServer, **changes: Any) -> Config:
    """Return a configuration in direct routing with `virtuals`, or with the one above."""
    good = Config(serial_no=1, network=Network.DIRECT, keepalive=6, deadtime=18, virtual=virtuals or (virtual(),))
    return replace(good, **changes)
