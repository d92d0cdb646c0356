"""The multiples of a step of the wall clock."""

import asyncio
import time
from collections.abc import AsyncIterator


async def ticks(step_s: int) -> AsyncIterator[int]:
    """Yield each multiple of `step_s` seconds when it comes, never the same one twice in a row."""
    last = 0
    while True:
        await asyncio.sleep(step_s - time.time() % step_s)
        at = int(time.time()) // step_s * step_s
        if at != last:
            last = at
            yield at
