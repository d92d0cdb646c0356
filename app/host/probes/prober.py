"""Runs one check once, within its limit, and puts what came of it into words."""

import asyncio
import errno
import logging
import os

from app.host.probes.attempt import Attempt, CannotAsk, Step, Unexpected
from app.host.probes.program import Programs
from app.host.probes.registry import registry
from app.lvs.check import Check, Outcome, Result

_WORDS = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset by the server",
    errno.EPIPE: "closed by the server",
    errno.EHOSTUNREACH: "the host cannot be reached",
    errno.ENETUNREACH: "there is no route to its network",
}
_SILENCE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.ETIMEDOUT})

log = logging.getLogger("pulse")


class Prober:
    """Asks servers; keeps nothing of what they say."""

    def __init__(self, programs: Programs) -> None:
        self._probes = registry(programs)

    async def run(self, check: Check) -> Result:
        """Run `check` and return its result; no server can make it raise or outlast its limit."""
        return (await self._run(check, is_traced=False))[0]

    async def trace(self, check: Check) -> tuple[Result, list[Step]]:
        """Run `check` as `run` does, and return its result with each step of the exchange."""
        return await self._run(check, is_traced=True)

    async def _run(self, check: Check, *, is_traced: bool) -> tuple[Result, list[Step]]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        deadline = asyncio.timeout(check.limit_s)
        attempt = Attempt(check.kind.value, check.limit_s, deadline, is_traced=is_traced)
        outcome, said = await self._outcome(check, attempt)
        took_s = loop.time() - began
        result = Result(outcome, f"{attempt.doing}: {said}", attempt.is_reached, took_s, attempt.said)
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
            return Outcome.FAILED, f"timed out, no answer within {attempt.limit_s:g} s"
        except OSError as error:
            return _of_system(error, attempt)
        except Exception as error:
            # The daemon never dies of one check.
            log.exception("the check itself broke: %s", check)
            return Outcome.NOT_RUN, f"the check itself broke: {error!r}"
        return Outcome.PASSED, attempt.found


def _of_system(error: OSError, attempt: Attempt) -> tuple[Outcome, str]:
    words = _WORDS.get(error.errno or 0) or os.strerror(error.errno or 0)
    if error.errno is None:
        # So asyncio tells of a connection that ends in the middle of a TLS handshake.
        words = "closed by the server"
    if isinstance(error, ConnectionError):
        attempt.is_reached = True
        return Outcome.FAILED, words
    if error.errno in _SILENCE or attempt.is_reached:
        return Outcome.FAILED, words
    return Outcome.NOT_RUN, f"this director could not ask: {words}"
