"""The counters inside IPVS's messages (nested STATS64, or STATS from kernels before 4.1) as `Counters`."""

from functools import lru_cache
from struct import Struct

from app.host.netlink.frames import attributes
from app.lvs.ipvs.counters import Counters

_KINDS = tuple(range(1, 11))
"""Connections, packets in and out, bytes in and out; then the same five per second, in `Counters`' order."""

_U32, _U64 = Struct("=I"), Struct("=Q")
_ONE = "HHQ"
_USUAL = {
    form.size: form
    for form in (
        Struct("=" + _ONE * len(_KINDS)),
        Struct("=" + ("4x" + _ONE) * len(_KINDS)),
        Struct("=" + _ONE + ("4x" + _ONE) * (len(_KINDS) - 1)),
    )
}
"""Ten u64, with or without padding, depending on the processor's alignment: one unpack instead of ten."""

NOTHING_COUNTED = Counters()


def counters(stats64: memoryview | None, stats: memoryview | None) -> Counters:
    """Return the counters; the 64-bit form is preferred, because 32-bit counters wrap."""
    if stats64 is None:
        return _from_any(stats) if stats is not None else NOTHING_COUNTED
    return _counted(bytes(stats64))


@lru_cache(maxsize=4096)
def _counted(stats64: bytes) -> Counters:
    """Return the 64-bit counters; cached, as those of most servers in a large table do not change for a while."""
    form = _USUAL.get(len(stats64))
    fields = form.unpack(stats64) if form is not None else ()
    return Counters(*fields[2::3]) if fields[1::3] == _KINDS else _from_any(memoryview(stats64))


def _from_any(stats: memoryview) -> Counters:
    found = attributes(stats)
    return Counters(*(_number(found[kind]) if kind in found else 0 for kind in _KINDS))


def _number(payload: memoryview) -> int:
    number: int = (_U64 if len(payload) == _U64.size else _U32).unpack_from(payload)[0]
    return number
