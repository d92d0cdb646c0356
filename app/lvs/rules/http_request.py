"""Rules about the request of a check with http or https."""

from collections.abc import Iterator

from app.lvs.checks.http import OWN_HEADERS, header_name, headers, is_host, is_method, is_path, statuses
from app.lvs.keywords.table import effective
from app.lvs.model.config import VirtualServer
from app.lvs.model.printable import shown
from app.lvs.model.problem import Path, Problem, Severity

_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


def request_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with the page `virtual` asks its servers for."""
    asked = effective(virtual, "check_path")
    if not is_path(asked):
        yield Problem(
            Severity.ERROR,
            (*path, "check_path"),
            f"The Path is {shown(asked)}: it must begin with / and have no blank or sign beyond ASCII (write "
            "%20).",
        )
    if not is_host(virtual.check_host or ""):
        yield Problem(
            Severity.ERROR,
            (*path, "check_host"),
            f"The Host is {shown(virtual.check_host or '')}: write a name such as www.example.com, letters, "
            "digits, dots and dashes, and a port behind a colon if it has to be.",
        )
    if statuses(effective(virtual, "check_status")) is None:
        yield Problem(
            Severity.ERROR,
            (*path, "check_status"),
            f"The Statuses are {shown(virtual.check_status or '')}: write numbers from 100 to 999 and ranges, "
            "such as 200-299,401.",
        )
    yield from _method_problems(virtual, path)
    yield from _header_problems(virtual, path)
    if ":" in (virtual.check_user or ""):
        yield Problem(
            Severity.WARNING,
            (*path, "check_user"),
            "The User has a colon in it: a web server takes what stands before it for the user, and the rest for "
            "the password. Choose another user.",
        )


def _method_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    method = effective(virtual, "check_method")
    where = (*path, "check_method")
    if not is_method(method):
        yield Problem(
            Severity.ERROR,
            where,
            f"The Method is {shown(method)}: one word such as GET, HEAD or OPTIONS is accepted, and not CONNECT.",
        )
    elif method.upper() != method:
        yield Problem(
            Severity.WARNING,
            where,
            f"The Method is {method}: web servers tell capitals from small letters. Write {method.upper()}.",
        )
    elif method not in _HARMLESS:
        yield Problem(
            Severity.WARNING,
            where,
            f"The Method {method} may change something on the server, and is sent at every check. Use GET or "
            "HEAD, or make sure that the page does nothing.",
        )
    if method == "HEAD" and virtual.expect:
        yield Problem(
            Severity.WARNING,
            (*path, "expect"),
            "An answer to HEAD has no text, so Expect is never found, and every check will fail. Use GET, or "
            "clear Expect.",
        )


def _header_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    where = (*path, "check_headers")
    for number, line in enumerate(headers(virtual.check_headers or ""), 1):
        name = header_name(line)
        # The line itself is not shown: it may hold a token.
        if name is None:
            yield Problem(
                Severity.ERROR,
                where,
                f"Line {number} of the Headers is none: Name: value is accepted, in ASCII without control "
                "characters, with no blank before the colon and \\r\\n between two lines.",
            )
        elif name in OWN_HEADERS:
            do = "set Host" if name == "host" else "take it away"
            yield Problem(
                Severity.ERROR,
                where,
                f"The Headers have {name}, which the check sets itself, as it has to be true: {do}.",
            )
        elif name == "authorization" and virtual.check_user:
            yield Problem(
                Severity.WARNING,
                where,
                "The Headers have authorization, and User is set, so there are two: clear one of them.",
            )
