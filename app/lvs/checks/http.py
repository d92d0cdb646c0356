"""The HTTP request of a check, from lvs.cf's keys, and the syntax of its parts."""

import re

from app.lvs.checks.check import HttpRequest
from app.lvs.checks.expect import unescape
from app.lvs.keywords.table import effective
from app.lvs.model.config import VirtualServer

# None of these match a line end: it could turn one request into two.
_RANGE = re.compile(r"([1-9][0-9]{2})(?:-([1-9][0-9]{2}))?")
_PATH = re.compile(r"/[!-~]*")
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]{{2,45}}\])(?::([0-9]{{1,5}}))?")
_HOST_MAX = 253
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t -~]*")
_LINE_END = re.compile(r"\r\n|\r|\n")
OWN_HEADERS = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "upgrade", "expect", "trailer"}
)
"""Headers that the check sets itself, or that would announce what it does not do."""


def http_request(virtual: VirtualServer) -> HttpRequest:
    """Return the request to the servers of `virtual`, whose keys have passed the rules."""
    return HttpRequest(
        path=effective(virtual, "check_path"),
        host=virtual.check_host or "",
        statuses=statuses(effective(virtual, "check_status")) or (),
        method=effective(virtual, "check_method"),
        headers=headers(virtual.check_headers or ""),
    )


def headers(text: str) -> tuple[str, ...]:
    """Return the lines of ``check_headers``, given with escapes as in lvs.cf."""
    return tuple(line for line in _LINE_END.split(unescape(text).decode(errors="replace")) if line)


def header_name(line: str) -> str | None:
    """Return the name of a header `line` in lower case; None if it is not a header."""
    name, colon, value = line.partition(":")
    is_header = colon and _TOKEN.fullmatch(name) and _HEADER_VALUE.fullmatch(value)
    return name.lower() if is_header else None


def statuses(text: str) -> tuple[tuple[int, int], ...] | None:
    """Parse ranges such as "200-299,401"; None if `text` is something else."""
    found = [_RANGE.fullmatch(part.strip()) for part in text.split(",")]
    ranges = [(int(name[1]), int(name[2] or name[1])) for name in found if name]
    if len(ranges) < len(found) or any(low > high for low, high in ranges):
        return None
    return tuple(ranges)


def is_path(text: str) -> bool:
    """Return whether `text` is a valid path: it begins with a slash and contains no blank."""
    return _PATH.fullmatch(text) is not None


def is_method(text: str) -> bool:
    """Return whether `text` is a valid method of a request for a page."""
    return _TOKEN.fullmatch(text) is not None and text.upper() != "CONNECT"


def is_host(text: str) -> bool:
    """Return whether `text` is empty or a valid host name or address, with or without a port."""
    match = _HOST.fullmatch(text)
    if match is None:
        return not text
    return len(host_name(text)) <= _HOST_MAX and (match[1] is None or 1 <= int(match[1]) <= 65535)


def host_name(host: str) -> str:
    """Return `host` without its port, and without the brackets of an IPv6 address."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
