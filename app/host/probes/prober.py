"""Runs one check once, within its limit, and describes the result."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from app.host.probes.kinds.program import Programs
from app.host.probes.registry import Registry
from app.host.probes.transport.attempt import Attempt, CannotAsk, Step, Unexpected
from app.host.probes.transport.connects import Connects
from app.host.probes.transport.departure import departing, why_unanswered
from app.host.probes.transport.failure_text import describe_error, describe_timeout
from app.lvs.checks.check import Check, Outcome, Result
from app.lvs.checks.expect import compared_max
from app.lvs.checks.origin import NOWHERE, CheckOrigin
from app.lvs.model.check_kinds import CheckKind

log = logging.getLogger("pulse")


class Prober:
    """Runs checks; keeps no results."""

    def __init__(self, programs: Programs) -> None:
        self._probes = Registry(programs)
        self._connects: Connects | None = None
        self.origin = NOWHERE
        """The director on whose behalf checks are run."""

    async def run(self, check: Check) -> Result:
        """Run `check` and return its result; no server can make it raise or exceed its limit."""
        return (await self._run(check, self.origin, is_traced=False))[0]

    def start(self, check: Check, done: Callable[[Result], None]) -> Callable[[], None] | None:
        """Start `check` without a task if it is a TCP connect, and call `done` with its result.

        Return a function that cancels it; None for any other kind, which has to be `run`.
        """
        if check.kind is not CheckKind.TCP:
            return None
        if self._connects is None:
            try:
                self._connects = Connects()
            except OSError as error:
                outcome, words, _ = describe_error(error.errno, is_reached=False)
                done(Result(outcome, f"{check.kind.report_name}: {words}", is_reached=False))
                return lambda: None
        leaving = departing(check, self.origin)
        return self._connects.start(leaving, partial(self._connected, leaving, done))

    def _connected(self, check: Check, done: Callable[[Result], None], result: Result) -> None:
        if result.outcome is Outcome.FAILED and not result.is_reached:
            why = why_unanswered(check, self.origin)
            result = replace(result, message=f"{result.message} ({why})") if why else result
        done(result)

    def close(self) -> None:
        """Cancel the checks started without a task, without reporting them."""
        if self._connects is not None:
            self._connects.close()
            self._connects = None

    async def trace(self, check: Check, origin: CheckOrigin = NOWHERE) -> tuple[Result, list[Step]]:
        """Run `check` as `run` does, and return its result with each step of the exchange."""
        return await self._run(check, origin, is_traced=True)

    async def _run(self, check: Check, origin: CheckOrigin, *, is_traced: bool) -> tuple[Result, list[Step]]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        asked, check = check, departing(check, origin, self.origin.floating)
        deadline = asyncio.timeout(check.limit_s)
        attempt = Attempt(
            check.kind.report_name,
            check.limit_s,
            deadline,
            is_traced=is_traced,
            shown_max=compared_max(check),
        )
        attempt.helo_name = origin.helo_name
        if check is not asked:
            attempt.note(f"leaves from {check.source}, as servers with the virtual IP do not answer that")
        outcome, text = await self._outcome(check, attempt)
        took_s = loop.time() - began
        if outcome is Outcome.FAILED and not attempt.is_reached and (why := why_unanswered(check, origin)):
            attempt.remark = why
            attempt.note(why)
        remark = f" ({attempt.remark})" if attempt.remark else ""
        result = Result(
            outcome, f"{attempt.doing}: {text}{remark}", attempt.is_reached, took_s, attempt.agent_line
        )
        return result, attempt.steps or []

    async def _outcome(self, check: Check, attempt: Attempt) -> tuple[Outcome, str]:
        try:
            async with attempt.deadline:
                await self._probes[check.kind](check, attempt)
        except Unexpected as unexpected:
            attempt.is_reached = True
            return Outcome.FAILED, str(unexpected)
        except CannotAsk as cannot:
            return Outcome.NOT_RUN, str(cannot)
        except TimeoutError:
            return Outcome.FAILED, describe_timeout(attempt.limit_s)
        except OSError as error:
            outcome, words, attempt.is_reached = describe_error(error.errno, is_reached=attempt.is_reached)
            return outcome, words
        except Exception as error:
            # No check may stop the daemon.
            log.exception("internal error in a check: %s", check)
            return Outcome.NOT_RUN, f"internal error in the check: {error!r}"
        return Outcome.PASSED, attempt.found
