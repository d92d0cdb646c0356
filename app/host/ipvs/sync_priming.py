"""Has the kernel tell the other router of every connection that has a packet, for as long as it is entered.

As a rule it tells after the third packet and then after every fiftieth (net.ipv4.vs.sync_threshold); what it told
of ten seconds ago, or never, it then tells of with the next packet (net.ipv4.vs.sync_refresh_period).
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_THRESHOLD = Path("/proc/sys/net/ipv4/vs/sync_threshold")
_REFRESH = Path("/proc/sys/net/ipv4/vs/sync_refresh_period")
_USUAL = ("3 50", "0")
_PRIMING = ("3 0", "10")


class PrimingFailed(Exception):
    """The kernel cannot be told to; the message says why."""


@contextmanager
def priming() -> Iterator[None]:
    """Within, every connection with a packet is told of. Raises PrimingFailed."""
    try:
        before = _now()
        _set(_PRIMING)
    except OSError as error:
        raise PrimingFailed(f"net.ipv4.vs.sync_threshold cannot be set: {error.strerror}") from error
    try:
        yield
    finally:
        with suppress(OSError):
            _set(before)


def end_priming() -> None:
    """Undo what a pulse that was killed meanwhile has left, if there is anything."""
    with suppress(OSError):
        if _now() == _PRIMING:
            _set(_USUAL)


def _now() -> tuple[str, str]:
    return " ".join(_THRESHOLD.read_text().split()), _REFRESH.read_text().strip()


def _set(values: tuple[str, str]) -> None:
    threshold, refresh = values
    _REFRESH.write_text(f"{refresh}\n")
    _THRESHOLD.write_text(f"{threshold}\n")
