"""Follows the interfaces and addresses of this network namespace by the kernel's events.

They are listed at the start, after events were lost, and once a minute in case a change was missed. In between
they cost nothing while nothing changes.
"""

import asyncio
import errno
import logging
import os
from collections.abc import Callable, Coroutine
from typing import Protocol

from app.host.network.devices import Device
from app.host.network.known_interfaces import AddressState, KnownInterfaces
from app.host.network.link import Listing, Notice, Relisted

LISTED_EVERY_S = 60.0
RETRIED_AFTER_S = 1.0
_READ_TRIES = 3

log = logging.getLogger("pulse")


class KernelSource(Protocol):
    """Where events and listings come from; `InterfaceSocket` says what each method does."""

    async def open(self) -> None: ...
    def close(self) -> None: ...
    async def list_all(self) -> Listing: ...
    async def catch_up(self) -> None: ...


SourceMaker = Callable[[Callable[[Notice], None], Callable[[], None]], KernelSource]


class Interfaces:
    """The one owner of what is known of interfaces and addresses. Lives on a loop; `close` it there."""

    def __init__(self, source: SourceMaker | None = None) -> None:
        self._source_maker = source
        self._source: KernelSource | None = None
        self._has_started = False
        self._opening = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listeners: list[Callable[[Notice], None]] = []
        self._known = KnownInterfaces()
        self._since_listing: list[Notice] | None = None
        self._viewed_revision = -1
        self._state = AddressState({}, ())
        self._devices: tuple[Device, ...] = ()

    @property
    def revision(self) -> int:
        """Another number whenever an interface or an address has changed."""
        return self._known.revision

    def subscribe(self, listener: Callable[[Notice], None]) -> Callable[[], None]:
        """Call `listener` with every event from now on; return a function that ends this."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def start(self) -> None:
        """Follow the interfaces from now on, unless they are being followed; raise OSError."""
        if self._source is not None and not self._opening.locked():
            return
        async with self._opening:
            if self._source is not None:
                return
            if self._source_maker is None:
                self._source_maker = await asyncio.to_thread(_interface_socket)
            source = self._source = self._source_maker(self._on_notice, self._on_lost)
            try:
                await source.open()
                await self._list(source)
            except BaseException:
                self._drop(source)
                raise
        if self._has_started:
            self._tell(Relisted())
        else:
            self._has_started = True
            self._run(self._list_regularly())

    def close(self) -> None:
        """Stop following."""
        for task in tuple(self._tasks):
            task.cancel()
        if self._source is not None:
            self._drop(self._source)

    async def read(self) -> AddressState:
        """Return the state with every change made before this call; raise OSError."""
        for _ in range(_READ_TRIES):
            await self.start()
            source = self._source
            if source is None:
                continue
            try:
                await source.catch_up()
            except OSError:
                self._drop(source)
                continue
            return self.state()
        raise OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS))

    def state(self) -> AddressState:
        """Return the result of the events received so far."""
        self._refresh_views()
        return self._state

    def devices(self) -> tuple[Device, ...]:
        """Return the interfaces with their addresses, as the result of the events received so far."""
        self._refresh_views()
        return self._devices

    def note(self, notice: Notice) -> None:
        """Record a change this process has just made, whose event is still to come."""
        self._known.take(notice)
        if self._since_listing is not None:
            self._since_listing.append(notice)

    async def _list(self, source: KernelSource) -> bool:
        """Start from a new listing; return whether it differs from what was known."""
        self._since_listing = []
        try:
            listing = await source.list_all()
            return self._known.replace(listing, self._since_listing)
        finally:
            self._since_listing = None

    async def _list_regularly(self) -> None:
        while True:
            await asyncio.sleep(LISTED_EVERY_S)
            async with self._opening:
                source, is_other = self._source, False
                if source is None:
                    continue
                try:
                    is_other = await self._list(source)
                except OSError as error:
                    log.error("cannot list the interfaces: %s", error.strerror)
                    self._drop(source)
                    self._run(self._restart())
            if is_other:
                self._tell(Relisted())

    async def _restart(self) -> None:
        while True:
            try:
                return await self.start()
            except OSError as error:
                log.error("cannot follow the interfaces: %s", error.strerror)
            await asyncio.sleep(RETRIED_AFTER_S)

    def _on_notice(self, notice: Notice) -> None:
        self.note(notice)
        self._tell(notice)

    def _on_lost(self) -> None:
        if self._source is not None:
            log.warning("interface events were lost; listing all interfaces again")
            self._drop(self._source)
            self._run(self._restart())

    def _drop(self, source: KernelSource) -> None:
        source.close()
        if source is self._source:
            self._source = None

    def _tell(self, notice: Notice) -> None:
        for listener in tuple(self._listeners):
            listener(notice)

    def _run(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _refresh_views(self) -> None:
        if self._viewed_revision != self.revision:
            self._viewed_revision = self.revision
            self._state, self._devices = self._known.state(), self._known.devices()


def _interface_socket() -> SourceMaker:
    # Here, and in a thread, because it takes a while: pyroute2 is loaded with it.
    from app.host.network.interface_socket import InterfaceSocket

    return InterfaceSocket
