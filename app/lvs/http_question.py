"""What lvs.cf's keys say is asked of a web server."""

import re

from app.lvs.check import HttpQuestion
from app.lvs.config import VirtualServer
from app.lvs.expectation import unescape
from app.lvs.keywords import effective

_RANGE = re.compile(r"([1-9][0-9]{2})(?:-([1-9][0-9]{2}))?")
_PATH = re.compile(r"/[!-~]*")
_HOST = re.compile(r"[A-Za-z0-9_.:\[\]-]*")


def http_question(virtual: VirtualServer) -> HttpQuestion:
    """Return what is asked of the servers of `virtual`, whose keys have passed the rules."""
    return HttpQuestion(
        path=effective(virtual, "check_path"),
        host=virtual.check_host or "",
        statuses=statuses(effective(virtual, "check_status")) or (),
        method=effective(virtual, "check_method"),
        headers=headers(virtual.check_headers or ""),
    )


def headers(text: str) -> tuple[str, ...]:
    """Return the lines of ``check_headers``, whose escapes stand as they are in lvs.cf."""
    return tuple(line for line in unescape(text).decode().splitlines() if line)


def statuses(text: str) -> tuple[tuple[int, int], ...] | None:
    """Return the ranges of "200-299,401"; None when that is not what `text` is."""
    found = [_RANGE.fullmatch(part.strip()) for part in text.split(",")]
    ranges = [(int(one[1]), int(one[2] or one[1])) for one in found if one]
    if len(ranges) < len(found) or any(low > high for low, high in ranges):
        return None
    return tuple(ranges)


def is_path(text: str) -> bool:
    """Return whether `text` can be asked for: it begins with a slash, and has no blank in it."""
    return _PATH.fullmatch(text) is not None


def is_host(text: str) -> bool:
    """Return whether `text` can be the name of a host, with a port or without."""
    return _HOST.fullmatch(text) is not None
