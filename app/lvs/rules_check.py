"""Rules about how the real servers of one virtual server are checked, and about its sorry server."""

from collections.abc import Iterator

from app.lvs.config import Config, VirtualServer
from app.lvs.expectation import ANYTHING, READ_MAX, PatternRefused, compiled, unescape
from app.lvs.http_question import is_host, is_path, statuses
from app.lvs.keywords import effective
from app.lvs.problem import Path, Problem, Severity
from app.lvs.values import CheckWord, Network, Protocol


def check_problems(config: Config, virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with the checks of `virtual` and with its sorry server."""
    if virtual.check is not None:
        yield from _chosen_problems(virtual, path)
    elif virtual.send_program:
        yield from _program_problems(virtual, path)
    else:
        yield from _exchange_problems(virtual, path)
    yield from _sorry_problems(config, virtual, path)


def _chosen_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    is_http = virtual.check in (CheckWord.HTTP, CheckWord.HTTPS)
    for name in ("send", "send_program") if is_http else ("send", "send_program", "expect"):
        if getattr(virtual, name):
            yield Problem(
                Severity.WARNING,
                (*path, name),
                f"It has no effect: the servers are checked with {virtual.check}. Clear it, or clear Check.",
            )
    if not is_http:
        return
    asked = effective(virtual, "check_path")
    if not is_path(asked):
        yield Problem(
            Severity.ERROR,
            (*path, "check_path"),
            f"The Path is '{asked}': it must begin with / and have no blank or sign beyond ASCII (write %20).",
        )
    if not is_host(virtual.check_host or ""):
        yield Problem(
            Severity.ERROR,
            (*path, "check_host"),
            f"The Host is '{virtual.check_host}': write a name such as www.example.com, letters, digits, dots and "
            "dashes.",
        )
    if statuses(effective(virtual, "check_status")) is None:
        yield Problem(
            Severity.ERROR,
            (*path, "check_status"),
            f"The Statuses are '{virtual.check_status}': write numbers from 100 to 999 and ranges, such as "
            "200-299,401.",
        )
    yield from _pattern_problems(virtual, path)


def _program_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    yield Problem(
        Severity.WARNING,
        (*path, "send_program"),
        "A program that ends with an error counts as a failed check; Piranha counted the server as up. It is "
        "taken by its name from the directory of checks (PALOMETA_CHECK_DIRECTORY), where root has to put it.",
    )
    if virtual.expect is None:
        yield Problem(
            Severity.WARNING,
            (*path, "expect"),
            "A Sending Program without Expect is judged by its exit status alone: 0 is up. In Piranha it always "
            "counted as failed.",
        )


def _exchange_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    protocol = effective(virtual, "protocol")
    if protocol is Protocol.UDP and virtual.expect is None:
        yield Problem(
            Severity.WARNING,
            (*path, "expect"),
            "A UDP service without Expect cannot be checked, and its servers count as up: UDP gives no sign of a "
            "connection, and Piranha's checker crashed on it. Set Send and Expect, or a Sending Program.",
        )
    if protocol is Protocol.UDP and virtual.expect is not None and not virtual.send:
        yield Problem(
            Severity.WARNING,
            (*path, "send"),
            "A UDP server answers only what it is sent, and Send is not set: every check will fail. Set Send.",
        )
    yield from _pattern_problems(virtual, path)


def _pattern_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    if not virtual.use_regex or virtual.expect is None:
        return
    pattern = unescape(virtual.expect)
    if pattern == ANYTHING or not pattern:
        return
    try:
        compiled(pattern)
    except PatternRefused as refused:
        yield Problem(
            Severity.WARNING,
            (*path, "expect"),
            f"Expect cannot be used: {refused}. Every check will fail. Correct it, or take the choice of a "
            f"regular expression away; it is looked for in the first {READ_MAX} bytes.",
        )


def _sorry_problems(config: Config, virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    sorry, vip = virtual.sorry_server, virtual.address.address if virtual.address else None
    if sorry is None or vip is None or not int(vip):
        return
    if sorry == vip:
        yield Problem(
            Severity.ERROR,
            (*path, "sorry_server"),
            f"The Sorry Server {sorry} is the Virtual IP Address itself: packets would go round in a circle. "
            "Name another address.",
        )
    method = virtual.network or effective(config, "network")
    if sorry.version != vip.version and method is not Network.TUNNEL:
        yield Problem(
            Severity.ERROR,
            (*path, "sorry_server"),
            f"The Sorry Server {sorry} is IPv{sorry.version} and the virtual IP {vip} is IPv{vip.version}: use "
            "one of the same kind; only tunnelling joins them.",
        )
