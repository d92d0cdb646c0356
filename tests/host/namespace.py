"""A network namespace of a test's own, so that a test touches nothing of the machine it runs on."""

import asyncio
import ctypes
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from pyroute2 import IPRoute

from app.host.network.devices import Device
from app.host.network.interfaces import Interfaces

_NEW_NETWORK = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def own_network() -> Iterator[None]:
    """Move this thread, and what it starts, into an empty network namespace with ``lo`` up; then back."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        _require(_libc.unshare(_NEW_NETWORK))
        try:
            with IPRoute() as route:
                route.link("set", index=1, state="up")
            yield
        finally:
            _require(_libc.setns(before, _NEW_NETWORK))
    finally:
        os.close(before)


def read_devices() -> tuple[Device, ...]:
    """Return the interfaces of this namespace with their addresses."""

    async def read() -> tuple[Device, ...]:
        with closing(Interfaces()) as interfaces:
            await interfaces.start()
            return interfaces.devices()

    return asyncio.run(read())


def _require(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
