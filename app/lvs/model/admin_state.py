"""The administrative state of a real server: ready, drain or maintenance, until when and why. Reads no clock."""

import re
from calendar import monthrange, timegm
from dataclasses import dataclass

from app.lvs.model.config import RealServer
from app.lvs.model.values import AdminState

_TIME = re.compile(r"([1-9]\d{3})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Admin:
    """`until` is in seconds since the epoch; None: until it is ended by hand."""

    state: AdminState = AdminState.READY
    until: float | None = None
    reason: str = ""


READY = Admin()


def admin_of(server: RealServer, clock_s: float) -> Admin:
    """Return what holds for `server` at `clock_s`: a drain or maintenance that has ended is READY."""
    state = server.admin_state or AdminState.READY
    if state is AdminState.READY:
        return READY
    until = parse_until(server.admin_until) if server.admin_until else None
    if until is not None and until <= clock_s:
        return READY
    return Admin(state, until, server.admin_reason or "")


def parse_until(text: str) -> float | None:
    """Return the time `text` means (2026-01-31T22:00Z), in seconds since the epoch; None: it is not a time."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    if not (1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    return float(timegm((year, month, day, hour, minute, second)))
