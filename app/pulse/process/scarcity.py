"""What the loop says when pulse has no descriptor left: now and then, where asyncio says it without end."""

import asyncio
import errno
import logging
import time
from typing import Any

SAID_EVERY_S = 60.0
_LACKS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})

log = logging.getLogger("pulse")


class Scarcity:
    """Handles what asyncio cannot do (loop.set_exception_handler)."""

    def __init__(self) -> None:
        self._again_at = 0.0

    def handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log a lack sparingly, and everything else as asyncio does."""
        error = context.get("exception")
        if not (isinstance(error, OSError) and error.errno in _LACKS):
            loop.default_exception_handler(context)
            return
        if time.monotonic() >= self._again_at:
            self._again_at = time.monotonic() + SAID_EVERY_S
            log.error(
                "requests have to wait, as pulse has used up what the system allows it (%s): raise LimitNOFILE of "
                "its unit, or ask for less at a time",
                error.strerror,
            )
