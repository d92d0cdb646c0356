"""Makes the kernel sync every connection with traffic to the other router, while a block runs.

Normally it syncs a connection after the third packet and then after every fiftieth (net.ipv4.vs.sync_threshold).
While priming, it syncs one that was last synced ten seconds ago, or never, with its next packet
(net.ipv4.vs.sync_refresh_period).
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_THRESHOLD = Path("/proc/sys/net/ipv4/vs/sync_threshold")
_REFRESH = Path("/proc/sys/net/ipv4/vs/sync_refresh_period")
_USUAL = ("3 50", "0")
_PRIMING = ("3 0", "10")


class PrimingFailed(Exception):
    """The sysctls cannot be set; the message says why."""


@contextmanager
def priming() -> Iterator[None]:
    """Sync every connection with traffic within the block. Raises PrimingFailed."""
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
    """Restore the sysctls if a pulse that was killed while priming has left them."""
    with suppress(OSError):
        if _now() == _PRIMING:
            _set(_USUAL)


def _now() -> tuple[str, str]:
    return " ".join(_THRESHOLD.read_text().split()), _REFRESH.read_text().strip()


def _set(values: tuple[str, str]) -> None:
    threshold, refresh = values
    _REFRESH.write_text(f"{refresh}\n")
    _THRESHOLD.write_text(f"{threshold}\n")
