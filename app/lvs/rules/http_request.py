"""Rules about the request of a check with http or https."""

from collections.abc import Iterator

from app.lvs.checks.http import OWN_HEADERS, header_name, headers, is_host, is_method, is_path, statuses
from app.lvs.keywords.table import effective
from app.lvs.model.config import VirtualServer
from app.lvs.model.printable import shown
from app.lvs.model.problem import Path, Problem, Severity

_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


def http_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with the HTTP request that checks of `virtual` send."""
    requested = effective(virtual, "check_path")
    if not is_path(requested):
        yield Problem(
            Severity.ERROR,
            (*path, "check_path"),
            f"Path is {shown(requested)}: it must begin with / and contain no blanks or non-ASCII characters "
            "(write %20 for a blank).",
        )
    if not is_host(virtual.check_host or ""):
        yield Problem(
            Severity.ERROR,
            (*path, "check_host"),
            f"Host is {shown(virtual.check_host or '')}: use a name of letters, digits, dots and hyphens, such as "
            "www.example.com, optionally followed by a colon and a port.",
        )
    if statuses(effective(virtual, "check_status")) is None:
        yield Problem(
            Severity.ERROR,
            (*path, "check_status"),
            f"Status codes is {shown(virtual.check_status or '')}: use numbers from 100 to 999 and ranges, such "
            "as 200-299,401.",
        )
    yield from _method_problems(virtual, path)
    yield from _header_problems(virtual, path)
    if ":" in (virtual.check_user or ""):
        yield Problem(
            Severity.WARNING,
            (*path, "check_user"),
            "User contains a colon: a web server takes the part before it as the user and the rest as the "
            "password. Use another user.",
        )


def _method_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    method = effective(virtual, "check_method")
    where = (*path, "check_method")
    if not is_method(method):
        yield Problem(
            Severity.ERROR,
            where,
            f"Method is {shown(method)}: use one word such as GET, HEAD or OPTIONS, but not CONNECT.",
        )
    elif method.upper() != method:
        yield Problem(
            Severity.WARNING,
            where,
            f"Method is {method}: HTTP methods are case-sensitive. Write {method.upper()}.",
        )
    elif method not in _HARMLESS:
        yield Problem(
            Severity.WARNING,
            where,
            f"The Method {method} may change something on the server, and every check sends it. Use GET or HEAD, "
            "or make sure that the page has no side effects.",
        )
    if method == "HEAD" and virtual.expect:
        yield Problem(
            Severity.WARNING,
            (*path, "expect"),
            "A response to HEAD has no body, so Expect is never found and every check will fail. Use GET, or "
            "clear Expect.",
        )


def _header_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    where = (*path, "check_headers")
    for number, line in enumerate(headers(virtual.check_headers or ""), 1):
        name = header_name(line)
        # The line itself is not shown: it may contain a token.
        if name is None:
            yield Problem(
                Severity.ERROR,
                where,
                f"Line {number} of the Headers is not a header: use Name: value, in ASCII without control "
                "characters and without a blank before the colon, and separate lines with \\r\\n.",
            )
        elif name in OWN_HEADERS:
            do = "set Host instead" if name == "host" else "remove it"
            yield Problem(
                Severity.ERROR,
                where,
                f"The Headers contain {name}, which the check sets itself: {do}.",
            )
        elif name == "authorization" and virtual.check_user:
            yield Problem(
                Severity.WARNING,
                where,
                "The Headers contain authorization and User is set, so two would be sent: clear one of them.",
            )
