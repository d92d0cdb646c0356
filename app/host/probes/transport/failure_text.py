"""What the system's errors say of a server, in words."""

import errno
import os

from app.lvs.checks.check import Outcome

_WORDS = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset by the server",
    errno.EPIPE: "closed by the server",
    errno.EHOSTUNREACH: "the host cannot be reached",
    errno.ENETUNREACH: "there is no route to its network",
}
_ANSWERS = frozenset({errno.ECONNREFUSED, errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ESHUTDOWN})
_SILENCE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.ETIMEDOUT})


def of_error(number: int | None, *, is_reached: bool) -> tuple[Outcome, str, bool]:
    """Return what the system's error `number` means: the outcome, a sentence, whether something answered.

    `is_reached`: something had answered before. Without a number asyncio found that the connection has ended.
    """
    if number is None or number in _ANSWERS:
        return Outcome.FAILED, _WORDS.get(number or errno.EPIPE) or os.strerror(number or 0), True
    words = _WORDS.get(number) or os.strerror(number)
    if number in _SILENCE or is_reached:
        return Outcome.FAILED, words, is_reached
    return Outcome.NOT_RUN, f"this director could not ask: {words}", False


def timed_out(limit_s: float) -> str:
    """Return the sentence for a server that has not answered."""
    return f"timed out, no answer within {limit_s:g} s"
