"""Descriptions of system errors and timeouts of checks."""

import errno
import os

from app.lvs.checks.check import Outcome

_TEXTS = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset by the server",
    errno.EPIPE: "closed by the server",
    errno.EHOSTUNREACH: "host unreachable",
    errno.ENETUNREACH: "network unreachable",
}
_ANSWERS = frozenset({errno.ECONNREFUSED, errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ESHUTDOWN})
_SILENCE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.ETIMEDOUT})
_LACKS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})
"""What this machine has none left of: that says nothing of the server, whatever it had answered before."""


def describe_error(number: int | None, *, is_reached: bool) -> tuple[Outcome, str, bool]:
    """Return what the system error `number` means: the outcome, a text, and whether something answered.

    `is_reached`: something had answered before. Without a number, asyncio found the connection closed.
    """
    if number is None or number in _ANSWERS:
        return Outcome.FAILED, _TEXTS.get(number or errno.EPIPE) or os.strerror(number or 0), True
    words = _TEXTS.get(number) or os.strerror(number)
    if number in _SILENCE or (is_reached and number not in _LACKS):
        return Outcome.FAILED, words, is_reached
    return Outcome.NOT_RUN, f"the check could not be run: {words}", False


def describe_timeout(limit_s: float) -> str:
    """Return the text for a server that did not answer in time."""
    return f"timed out, no answer within {limit_s:g} s"
