"""Keeps keepalived running: starts it, polls it, kills it when it hangs, and restarts it."""

import asyncio
import logging
import math
import time
from collections.abc import Callable

from app.host.keepalived import GIVE_UP, Keepalived, KeepalivedAnswer, KeepalivedFailed
from app.lvs.pair.keepalived_conf import UnsafeName, keepalived_text
from app.lvs.pair.vrrp import Vrrp

HUNG_S = 5.0
"""How long keepalived may leave requests unanswered before its processes are killed."""
ANSWERS_S = 1.5
"""A keepalived that has answered within this time is healthy."""
RELOADED_WITHIN_S = 3.0
"""A keepalived whose answers still show other settings by then is reloaded again, and then less and less often."""
AGAIN_S = 1.0
"""A keepalived that exits is restarted immediately, but not more often than once in this time."""

log = logging.getLogger("pulse")


class KeepalivedSupervisor:
    """The one owner of keepalived. Calls `changed` when it has exited.

    `trouble` says why it does not run as it should; `unsaid_end` why it has exited, until that is reported.
    """

    def __init__(self, keepalived: Keepalived, changed: Callable[[], None]) -> None:
        self._keepalived = keepalived
        self._changed = changed
        self._wanted: Vrrp | None = None
        self._running: Vrrp | None = None
        self._refused: Vrrp | None = None
        self._is_ending = False
        self._ending_since = 0.0
        self.trouble = ""
        self.unsaid_end = ""
        self._why_ended = ""
        self.started_at = 0.0
        self._reloaded_at = -math.inf
        self._reloads_within_s = RELOADED_WITHIN_S
        self.answered_at = -math.inf
        self.answer: KeepalivedAnswer | None = None
        self._takes_part_since = math.inf

    @property
    def is_running(self) -> bool:
        """Whether there is a process, even if it hangs."""
        return self._keepalived.descriptor is not None

    @property
    def is_at_work(self) -> bool:
        """Whether there is a process that is not being stopped."""
        return self.is_running and not self._is_ending

    @property
    def is_answering(self) -> bool:
        """Whether it has answered recently."""
        return self.is_running and time.monotonic() - self.answered_at < ANSWERS_S

    @property
    def taking_part_s(self) -> float:
        """For how long it has reported, up to its last answer, that it takes part; 0: it has not yet."""
        return max(0.0, self.answered_at - self._takes_part_since)

    @property
    def may_preempt(self) -> bool:
        """Whether it preempts, or may do so until it has reloaded its configuration."""
        wanted, answer = self._wanted, self.answer
        return (wanted is not None and wanted.is_preempting) or (answer is not None and answer.is_preempting)

    def adopt(self) -> None:
        """Adopt a keepalived that an earlier pulse left running."""
        if not self.is_running and self._keepalived.adopt():
            self._watch()
            if self.step() == GIVE_UP:
                # The earlier pulse did not finish a switch; left like this, the router could never take over.
                self.set_step(0)
            log.info("keepalived is already running")

    async def run(self, wanted: Vrrp | None) -> None:
        """Run `wanted` from now on, None: nothing; a keepalived that already runs it is not disturbed."""
        self._wanted = wanted
        await self.tick()

    async def tick(self) -> None:
        """Start keepalived if it does not run, poll it if it does, kill it if it hangs."""
        try:
            if self._wanted is None:
                self._end()
            elif not self.is_running:
                await self._start(self._wanted)
            elif self._wanted != self._running:
                await self._reload(self._wanted)
            else:
                await self._ask()
        except (KeepalivedFailed, UnsafeName) as failed:
            self._refused = self._wanted
            self._say(str(failed))

    def restart(self, why: str) -> None:
        """Kill it without notice to the partner; it is restarted immediately."""
        if self.is_running:
            log.warning("restarting keepalived: %s", why)
            self._why_ended = why
            self._keepalived.kill()

    def step(self) -> int:
        """Return what is added to the priority."""
        return self._keepalived.step()

    def set_step(self, step: int) -> None:
        """Add `step` to the priority."""
        if step != self._keepalived.step():
            self._keepalived.set_step(step)

    async def _start(self, wanted: Vrrp) -> None:
        if time.monotonic() - self.started_at < AGAIN_S:
            return
        await self._write(wanted)
        self._keepalived.start()
        self._watch()
        log.info("started keepalived as virtual router %d, priority %d", wanted.router_id, wanted.priority)
        self._say("")

    async def _reload(self, wanted: Vrrp) -> None:
        if wanted == self._refused:
            await self._ask()
            return
        running = self._running
        is_other = await self._write(wanted)
        if is_other and (running is None or not running.can_become(wanted)):
            log.info("stopping keepalived, to restart it with other addresses")
            self._end()
        elif is_other:
            self._signal_reload()
            log.info("reloaded the configuration of keepalived")
        self._say("")

    async def _write(self, wanted: Vrrp) -> bool:
        text = keepalived_text(wanted, str(self._keepalived.step_file))
        is_other = await asyncio.to_thread(self._keepalived.write, text)
        self._running, self._refused = wanted, None
        return is_other

    def _signal_reload(self) -> None:
        self._reloaded_at = time.monotonic()
        self._keepalived.reload()

    async def _ask(self) -> None:
        now = time.monotonic()
        answer = self._keepalived.answer()
        if answer is not None:
            self.answer, self.answered_at = answer, now
            self._takes_part_since = min(self._takes_part_since, now) if answer.is_taking_part else math.inf
            await self._verify(answer, now)
        elif now - max(self.answered_at, self.started_at) > HUNG_S:
            self.restart(f"it has not answered for {HUNG_S:.0f} s")
            return
        self._keepalived.ask()

    async def _verify(self, answer: KeepalivedAnswer, now: float) -> None:
        """Reload keepalived if `answer` shows that it still runs with other settings than those it should."""
        if self._running is None or _runs(answer, self._running):
            self._reloads_within_s = RELOADED_WITHIN_S
        elif now - max(self._reloaded_at, self.started_at) > self._reloads_within_s:
            log.warning("keepalived runs with other settings than pulse gave it: reloading it")
            self._reloads_within_s *= 2
            await self._write(self._running)
            self._signal_reload()

    def _watch(self) -> None:
        descriptor = self._keepalived.descriptor
        assert descriptor is not None  # noqa: S101 - it has just been opened
        self.started_at, self.answered_at = time.monotonic(), -math.inf
        self.answer, self._takes_part_since = None, math.inf
        asyncio.get_running_loop().add_reader(descriptor, self._ended, descriptor)

    def _ended(self, descriptor: int) -> None:
        asyncio.get_running_loop().remove_reader(descriptor)
        self._keepalived.collect()
        if not self._is_ending:
            self.unsaid_end = self._why_ended or "it exited on its own"
            log.error("keepalived has exited")
        self._running, self.answer, self._is_ending, self._why_ended = None, None, False, ""
        self._changed()

    def _end(self) -> None:
        if self.is_running and not self._is_ending:
            self._is_ending, self._ending_since = True, time.monotonic()
            self._keepalived.stop()
            log.info("stopped keepalived")
        elif self.is_running and time.monotonic() - self._ending_since > HUNG_S:
            log.warning("killing keepalived, which has not ended for %.0f s", HUNG_S)
            self._keepalived.kill()
        self._say("")

    def _say(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            log.error("%s", trouble)
        self.trouble = trouble


def _runs(answer: KeepalivedAnswer, vrrp: Vrrp) -> bool:
    """Return whether `answer` is that of a keepalived that has read the file for `vrrp`."""
    return (answer.base_priority, answer.advert_ms, answer.is_preempting) == (
        vrrp.priority,
        vrrp.advert_ms,
        vrrp.is_preempting,
    )
