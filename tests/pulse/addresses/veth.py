"""Addresses on a veth pair in a network namespace: what its tests have in common."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.host.network.addresses import Addresses
from app.host.network.interfaces import Interfaces
from app.lvs.grammar.reader import parse
from app.lvs.model.config import Config
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.events.log import EventLog
from app.pulse.process.owned import OwnedState

VIP, VIP6 = "192.0.2.10", "2001:db8::10"


def plug_in() -> None:
    ip("link add eth0 type veth peer name eth1")
    ip("link set eth0 up")
    ip("link set eth1 up")


def ip(words: str) -> str:
    return subprocess.run(["ip", *words.split()], check=True, capture_output=True, text=True).stdout


def config_of(*devices: str, extra: str = "", mask: str = "", mask6: str = "") -> Config:
    """Return a configuration with a service at each of `devices`: "ADDRESS DEVICE"."""
    lines = ["serial_no = 1", "service = lvs", extra]
    for number, device in enumerate(devices):
        lines += [f"virtual V{number} {{", " active = 1", f" address = {device}", f" port = {80 + number}"]
        if netmask := mask6 if ":" in device.split()[0] else mask:
            lines.append(f" vip_nmask = {netmask}")
        lines.append("}")
    reading = parse("\n".join([*lines, ""]).encode())
    assert reading.config is not None, reading
    assert not [problem for problem in reading.problems if problem.severity.value == "error"], reading.problems
    return reading.config


BOTH = (f"{VIP} eth0:1", f"{VIP6} eth0")


@contextmanager
def keeper_of(
    memory: OwnedState, events: EventLog | None = None, kind: type[Addresses] = Addresses
) -> Iterator[AddressKeeper]:
    with AddressKeeper(kind(Interfaces()), memory, events or EventLog()) as keeper:
        yield keeper


def run(
    directory: Path, scene: Callable[[AddressKeeper], Awaitable[None]], events: EventLog | None = None
) -> None:
    async def play() -> None:
        with keeper_of(OwnedState(directory), events) as keeper:
            await scene(keeper)

    asyncio.run(play())


def shown(device: str = "eth0") -> str:
    return ip(f"address show dev {device}")


def is_up(*addresses: str) -> bool:
    return subprocess.run(
        ["ip", "link", "show", "eth0"], capture_output=True, check=False
    ).returncode == 0 and all(f" {text}/" in shown() for text in addresses)
