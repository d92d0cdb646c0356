"""Rules about the request of one check: that it can be sent, and that no setting is without effect."""

import re
from collections.abc import Iterator

from app.lvs.checks.check import RECORD_TYPES
from app.lvs.checks.expect import ANYTHING, READ_MAX, PatternRefused, compiled, unescape
from app.lvs.checks.from_config import chosen_kind, is_from_latin1, is_over_tls
from app.lvs.keywords.table import effective
from app.lvs.model.check_kinds import KEYS_OF_SOME, TLS_KEYS, CheckKind
from app.lvs.model.config import VirtualServer
from app.lvs.model.printable import shown
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.model.values import Protocol
from app.lvs.rules.http_request import http_problems

# RFC 2865: an attribute has a length of one byte, and this one ends at 128.
RADIUS_USER_MAX = 253
RADIUS_PASSWORD_MAX = 128
_PIRANHAS = ("send", "expect", "use_regex", "send_program")
_LABEL = r"[A-Za-z0-9_/-]{1,63}"
_DOMAIN = re.compile(rf"\.|(?:{_LABEL}\.)*{_LABEL}\.?")
_DOMAIN_MAX = 253
_SIP_USER = re.compile(r"[A-Za-z0-9_.!~*'()&=+$,;?/%-]+")


def request_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with the request of ``check``; without that key, report settings without effect."""
    kind = chosen_kind(virtual)
    yield from _unused_key_problems(virtual, kind, path)
    if virtual.check is None or kind is None:
        return
    if kind is CheckKind.HTTP:
        yield from http_problems(virtual, path)
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
    pattern = unescape(virtual.expect, is_latin1=is_from_latin1(virtual))
    if pattern == ANYTHING or not pattern:
        return
    try:
        compiled(pattern)
    except PatternRefused as refused:
        yield Problem(
            Severity.WARNING,
            (*path, "expect"),
            f"Expect cannot be used: {refused}. Every check will fail. Correct it, or clear the regular "
            f"expression option. Only the first {READ_MAX} bytes are searched.",
        )


def _unused_key_problems(virtual: VirtualServer, kind: CheckKind | None, path: Path) -> Iterator[Problem]:
    keys = kind.row.keys if virtual.check is not None and kind is not None else frozenset()
    for name in sorted(KEYS_OF_SOME - keys):
        if not getattr(virtual, name) or (virtual.check is None and name in _PIRANHAS):
            continue
        if virtual.check is None:
            text = "It has no effect: Check is not set. Select a Check, or clear this field."
        elif name in _PIRANHAS:
            text = f"It has no effect: the servers are checked with {virtual.check}. Clear this field or Check."
        else:
            text = f"It has no effect: a check with {virtual.check} does not use it. Clear this field."
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
        tested = "that the packet is not rejected" if is_udp else "that a connection is accepted, as with tcp"
        yield Problem(
            Severity.WARNING,
            (*path, "expect"),
            f"Expect is not set, so the check only tests {tested}. Set Expect; * matches any answer.",
        )
    if not is_udp and effective(virtual, "protocol") is Protocol.UDP and not virtual.check_port:
        yield Problem(
            Severity.WARNING,
            (*path, "check"),
            "send uses TCP, and this service is UDP: select udp, or set a Check port that accepts TCP.",
        )


def _needed_problems(virtual: VirtualServer, kind: CheckKind, path: Path) -> Iterator[Problem]:
    for name, what in kind.row.required.items():
        if not getattr(virtual, name):
            text = f"Not set: a check with {virtual.check} requires {what}."
            yield Problem(Severity.ERROR, (*path, name), text)


def _name_problems(virtual: VirtualServer, kind: CheckKind, path: Path) -> Iterator[Problem]:
    name = virtual.check_name or ""
    if kind is CheckKind.DNS:
        if name and (_DOMAIN.fullmatch(name) is None or len(name.rstrip(".")) > _DOMAIN_MAX):
            yield Problem(
                Severity.ERROR,
                (*path, "check_name"),
                f"Requested name is {shown(name)}: use a domain name in ASCII, such as www.example.com.",
            )
        record_type = effective(virtual, "check_type")
        if record_type.upper() not in RECORD_TYPES:
            yield Problem(
                Severity.ERROR,
                (*path, "check_type"),
                f"Record type is {shown(record_type)}: use one of {', '.join(RECORD_TYPES)}.",
            )
    if kind is CheckKind.SIP and effective(virtual, "protocol") is not Protocol.UDP and not virtual.check_port:
        yield Problem(
            Severity.WARNING,
            (*path, "check"),
            f"sip uses UDP, and this service is {effective(virtual, 'protocol')}: the check only works for "
            "servers that accept both. Add tcp to Also check, or set a Check port that accepts UDP.",
        )
    if kind is CheckKind.SIP and name and _SIP_USER.fullmatch(name) is None:
        yield Problem(
            Severity.ERROR,
            (*path, "check_name"),
            f"Requested name is {shown(name)}: use the part of a SIP address before the @, such as monitor.",
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
            "User is set without Password: an empty password is sent, which most servers reject. Set Password, or "
            "clear User.",
        )
    if virtual.check_password and not virtual.check_user and kind not in (CheckKind.REDIS, CheckKind.RADIUS):
        yield Problem(
            Severity.WARNING,
            (*path, "check_user"),
            "Password is set without User: an empty user name is sent, which most servers reject. Set User, or "
            "clear Password.",
        )
    if virtual.check_password and "check_tls" in kind.row.keys and not is_over_tls(virtual):
        better = "use https" if kind is CheckKind.HTTP else "enable Use TLS"
        yield Problem(
            Severity.WARNING,
            (*path, "check_password"),
            f"Every check sends the password over the network in plain text: {better}, or use an account without "
            "other privileges.",
        )


def _radius_problems(virtual: VirtualServer, path: Path) -> Iterator[Problem]:
    user, password = (virtual.check_user or "").encode(), (virtual.check_password or "").encode()
    if (password and not user) or len(user) > RADIUS_USER_MAX:
        yield Problem(
            Severity.ERROR,
            (*path, "check_user"),
            f"User has {len(user)} bytes, and RADIUS accepts 1 to {RADIUS_USER_MAX}: use another user, or clear "
            "User and Password to have the server report its status instead.",
        )
    if len(password) > RADIUS_PASSWORD_MAX:
        yield Problem(
            Severity.ERROR,
            (*path, "check_password"),
            f"Password has {len(password)} bytes, and RADIUS accepts at most {RADIUS_PASSWORD_MAX}: use another "
            "password.",
        )


def _tls_problems(virtual: VirtualServer, kind: CheckKind, path: Path) -> Iterator[Problem]:
    if is_over_tls(virtual):
        if virtual.check_verify and not virtual.check_host:
            yield Problem(
                Severity.WARNING,
                (*path, "check_host"),
                "Host is not set, so the certificate must be valid for the server's IP address, and few are. Set "
                "Host to the name in the certificate.",
            )
        return
    better = "Use https" if virtual.check is CheckKind.HTTP else "Enable Use TLS"
    for name in sorted(TLS_KEYS):
        if getattr(virtual, name) and not (name == "check_host" and kind is CheckKind.HTTP):
            yield Problem(
                Severity.WARNING,
                (*path, name),
                f"It has no effect: this check does not use TLS, so there is no certificate. {better}, or clear "
                "this field.",
            )
