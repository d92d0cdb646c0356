"""A network of a test's own in which the name servers of this machine take every question and answer none."""

import os
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

import pytest
from pyroute2 import IPRoute

from app.lvs.model.values import Address
from tests.host.namespace import own_network

_RESOLVER = Path("/etc/resolv.conf")

root_networks = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes networks")


@contextmanager
def dead_dns() -> Iterator[socket.socket]:
    """Let this thread, and what it starts, ask only servers that say nothing; yield where the questions arrive.

    The resolver waits for them for minutes, so that a test that waits for it fails.
    """
    before = os.environ.get("RES_OPTIONS")
    with own_network(), ExitStack() as stack:
        servers = [stack.enter_context(_silent(address)) for address in _name_servers()]
        # Read by the resolver in each thread that begins to ask.
        os.environ["RES_OPTIONS"] = "timeout:30 attempts:5"
        try:
            yield servers[0]
        finally:
            del os.environ["RES_OPTIONS"]
            if before is not None:
                os.environ["RES_OPTIONS"] = before


def _silent(address: Address) -> socket.socket:
    if not address.is_loopback:
        with IPRoute() as route:
            route.addr("add", index=1, address=str(address), prefixlen=address.max_prefixlen)
    server = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_DGRAM)
    server.bind((str(address), 53))
    server.settimeout(30)
    return server


def _name_servers() -> list[Address]:
    """Return the servers the resolver asks; without any it asks this machine."""
    found: list[Address] = []
    with suppress(OSError):
        for line in _RESOLVER.read_text().splitlines():
            word, _, value = line.partition(" ")
            if word == "nameserver":
                found.append(ip_address(value.strip().partition("%")[0]))
    return found[:3] or [ip_address("127.0.0.1")]


def in_own_process(body: Callable[[], None]) -> None:
    """Run `body` in a child: its threads still wait for the name server when it has ended."""
    child = os.fork()
    if child == 0:
        try:
            body()
        except BaseException:  # noqa: BLE001 - the parent has to see that it failed
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
