"""The clock's round times, one after another."""

import asyncio
import time
from collections.abc import AsyncIterator


async def ticks(step_s: int) -> AsyncIterator[int]:
    """Wait for the next multiple of `step_s` seconds, and yield it; again and again, none twice in a row."""
    last = 0
    while True:
        await asyncio.sleep(step_s - time.time() % step_s)
        at = int(time.time()) // step_s * step_s
        if at != last:
            last = at
            yield at
