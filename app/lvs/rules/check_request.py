"""Rules about what one check asks its server: that it can be asked, and that nothing is set in vain."""

import re
from collections.abc import Iterator

from app.lvs.checks.check import RECORD_TYPES
from app.lvs.checks.expect import ANYTHING, READ_MAX, PatternRefused, compiled, unescape
from app.lvs.checks.from_config import chosen_kind, is_over_tls
from app.lvs.keywords.table import effective
from app.lvs.model.check_kinds import KEYS_OF_SOME, TLS_KEYS, CheckKind
from app.lvs.model.config import VirtualServer
from app.lvs.model.printable import shown
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.model.values import Protocol
from app.lvs.rules.http_request import request_problems

# RFC 2865: an attribute has a length of one byte, and this one ends at 128.
RADIUS_USER_MAX = 253
RADIUS_PASSWORD_MAX = 128
_PIRANHAS = ("send", "expect", "use_regex", "send_program")
_LABEL = r"[A-Za-z0-9_/-]{1,63}"
_DOMAIN = re.compile(rf"\.|(?:{_LABEL}\.)*{_LABEL}\.?")
_DOMAIN_MAX = 253
_SIP_USER = re.compile(r"[A-Za-z0-9_.!~*'()&=+$,;?/%-]+")


def question_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with what ``check`` of `virtual` asks; without that key, with what stands for "
    "nothing."""
    kind = chosen_kind(virtual)
    yield from _vain_problems(virtual, kind, path)
    if virtual.check is None or kind is None:
        return
    if kind is CheckKind.HTTP:
        yield from request_problems(virtual, path)
    if kind in (CheckKind.SEND, CheckKind.UDP):
        yield from _text_problems(virtual, kind, path)
    yield from _needed_problems(virtual, kind, path)
    yield from _name_problems(virtual, kind, path)
    yield from _login_problems(virtual, kind, path)
    if "check_tls" in kind.row.keys:
        yield from _tls_problems(virtual, kind, path)
    if "use_regex" in kind.row.keys:
        yield from pattern_problems(virtual, path)


def pattern_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    """Yield a problem when Expect of `virtual` is a regular expression that cannot be read."""
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


def _vain_problems(virtual: VirtualServer, kind: CheckKind | None, path: Path) -> Iterator[Problem]:
    keys = kind.row.keys if virtual.check is not None and kind is not None else frozenset()
    for name in sorted(KEYS_OF_SOME - keys):
        if not getattr(virtual, name) or (virtual.check is None and name in _PIRANHAS):
            continue
        if virtual.check is None:
            text = "It has no effect: Check is not set. Choose a Check, or clear it."
        elif name in _PIRANHAS:
            text = f"It has no effect: the servers are checked with {virtual.check}. Clear it, or clear Check."
        else:
            text = f"It has no effect: a check with {virtual.check} does not look at it. Clear it."
        yield Problem(Severity.WARNING, (*path, name), text)


def _text_problems(virtual: VirtualServer, kind: CheckKind, path: Path) -> Iterator[Problem]:
    is_udp = kind is CheckKind.UDP
    if is_udp and not virtual.send:
        yield Problem(
            Severity.WARNING,
            (*path, "send"),
            "A UDP server answers only what it is sent, and Send is not set: every check will fail. Set Send.",
        )
    if virtual.expect is None and (is_udp or not virtual.send):
        asked = "that nothing refuses the packet" if is_udp else "that a connection is taken, as with tcp"
        yield Problem(
            Severity.WARNING,
            (*path, "expect"),
            f"Expect is not set: all that is looked at is {asked}. Set Expect; * takes any answer.",
        )
    if not is_udp and effective(virtual, "protocol") is Protocol.UDP and not virtual.check_port:
        yield Problem(
            Severity.WARNING,
            (*path, "check"),
            "send asks over TCP, and this service is UDP: choose udp, or set the Check port that takes TCP.",
        )


def _needed_problems(virtual: VirtualServer, kind: CheckKind, path: Path) -> Iterator[Problem]:
    for name, what in kind.row.required.items():
        if not getattr(virtual, name):
            text = f"It is not set: a {virtual.check} check requires {what}."
            yield Problem(Severity.ERROR, (*path, name), text)


def _name_problems(virtual: VirtualServer, kind: CheckKind, path: Path) -> Iterator[Problem]:
    name = virtual.check_name or ""
    if kind is CheckKind.DNS:
        if name and (_DOMAIN.fullmatch(name) is None or len(name.rstrip(".")) > _DOMAIN_MAX):
            yield Problem(
                Severity.ERROR,
                (*path, "check_name"),
                f"Name asked for is {shown(name)}: a domain name in ASCII is accepted, such as www.example.com.",
            )
        record_type = effective(virtual, "check_type")
        if record_type.upper() not in RECORD_TYPES:
            yield Problem(
                Severity.ERROR,
                (*path, "check_type"),
                f"The Record type is {shown(record_type)}: one of {', '.join(RECORD_TYPES)} is accepted.",
            )
    if kind is CheckKind.SIP and effective(virtual, "protocol") is not Protocol.UDP and not virtual.check_port:
        yield Problem(
            Severity.WARNING,
            (*path, "check"),
            f"sip asks over UDP, and this service is {effective(virtual, 'protocol')}: that tells of servers "
            "which take both. Add tcp to Also check, or set the Check port that takes UDP.",
        )
    if kind is CheckKind.SIP and name and _SIP_USER.fullmatch(name) is None:
        yield Problem(
            Severity.ERROR,
            (*path, "check_name"),
            f"Name asked for is {shown(name)}: the user before the @ of a SIP address is accepted, such as "
            "monitor.",
        )


def _login_problems(virtual: VirtualServer, kind: CheckKind, path: Path) -> Iterator[Problem]:
    if "check_user" not in kind.row.keys:
        return
    if kind is CheckKind.RADIUS:
        yield from _radius_problems(virtual, path)
    if virtual.check_user and not virtual.check_password:
        yield Problem(
            Severity.WARNING,
            (*path, "check_password"),
            "There is a User and no Password: an empty one is sent, which most servers refuse. Set it, or clear "
            "User.",
        )
    if virtual.check_password and not virtual.check_user and kind not in (CheckKind.REDIS, CheckKind.RADIUS):
        yield Problem(
            Severity.WARNING,
            (*path, "check_user"),
            "There is a Password and no User: an empty name is sent, which most servers refuse. Set User, or "
            "clear Password.",
        )
    if virtual.check_password and "check_tls" in kind.row.keys and not is_over_tls(virtual):
        better = "check with https" if kind is CheckKind.HTTP else "set Over TLS"
        yield Problem(
            Severity.WARNING,
            (*path, "check_password"),
            f"The password goes over the network in clear, at every check: {better}, or take a user who may do "
            "nothing else.",
        )


def _radius_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    user, password = (virtual.check_user or "").encode(), (virtual.check_password or "").encode()
    if (password and not user) or len(user) > RADIUS_USER_MAX:
        yield Problem(
            Severity.ERROR,
            (*path, "check_user"),
            f"RADIUS takes the name of a user of 1 to {RADIUS_USER_MAX} bytes, and this has {len(user)}: set "
            "another, or clear User and Password; then the server is asked for its status.",
        )
    if len(password) > RADIUS_PASSWORD_MAX:
        yield Problem(
            Severity.ERROR,
            (*path, "check_password"),
            f"RADIUS takes a password of at most {RADIUS_PASSWORD_MAX} bytes, and this has {len(password)}: set "
            "another.",
        )


def _tls_problems(virtual: VirtualServer, kind: CheckKind, path: Path) -> Iterator[Problem]:
    if is_over_tls(virtual):
        if virtual.check_verify and not virtual.check_host:
            yield Problem(
                Severity.WARNING,
                (*path, "check_host"),
                "The certificate has to be valid for the server's address, as Host is not set; few are. Set Host "
                "to the name in the certificate.",
            )
        return
    better = "Check with https" if virtual.check is CheckKind.HTTP else "Set Over TLS"
    for name in sorted(TLS_KEYS):
        if getattr(virtual, name) and not (name == "check_host" and kind is CheckKind.HTTP):
            yield Problem(
                Severity.WARNING,
                (*path, name),
                f"It has no effect: this check begins no TLS, so there is no certificate. {better}, or clear it.",
            )
