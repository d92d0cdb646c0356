"""Notifies the service manager of our state with the datagrams of sd_notify(3); does nothing if there is none."""

import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

READY = "READY=1"
STOPPING = "STOPPING=1"
ALIVE = "WATCHDOG=1"


class SdNotify:
    """The connection to the service manager in `environment`, if there is one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")

    def tell(self, state: str) -> None:
        """Send `state`, one of the words above."""
        if not self._address:
            return
        # An abstract name starts with a NUL byte, which an environment cannot contain.
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else str(Path(self._address))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sending, suppress(OSError):
            # The manager is absent or busy: the next notification follows within a second.
            sending.sendto(state.encode(), address)
