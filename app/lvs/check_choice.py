"""Which check lvs.cf asks for a real server: Piranha's rules (its nanny, lvs.cf(5)), or the key ``check``."""

from dataclasses import replace
from typing import Any

from app.lvs.check import Check, CheckKind, TlsQuestion
from app.lvs.config import RealServer, VirtualServer
from app.lvs.desired import forwarding
from app.lvs.expectation import unescape
from app.lvs.http_question import http_question
from app.lvs.keywords import effective
from app.lvs.values import CheckWord, Network, Protocol

_CHOSEN = {
    CheckWord.TCP: CheckKind.TCP,
    CheckWord.SEND: CheckKind.SEND_EXPECT,
    CheckWord.UDP: CheckKind.UDP,
    CheckWord.PROGRAM: CheckKind.PROGRAM,
    CheckWord.DNS: CheckKind.DNS,
    CheckWord.SMTP: CheckKind.SMTP,
    CheckWord.IMAP: CheckKind.IMAP,
    CheckWord.POP3: CheckKind.POP3,
    CheckWord.LDAP: CheckKind.LDAP,
    CheckWord.MYSQL: CheckKind.MYSQL,
    CheckWord.POSTGRESQL: CheckKind.POSTGRESQL,
    CheckWord.REDIS: CheckKind.REDIS,
    CheckWord.RADIUS: CheckKind.RADIUS,
    CheckWord.SIP: CheckKind.SIP,
    CheckWord.NTP: CheckKind.NTP,
    CheckWord.GRPC: CheckKind.GRPC,
    CheckWord.HTTP: CheckKind.HTTP,
    CheckWord.HTTPS: CheckKind.HTTP,
    CheckWord.PING: CheckKind.PING,
    CheckWord.NONE: None,
}
_WITHOUT_PORT = (CheckKind.PROGRAM, CheckKind.PING)
HTTP_PORT = 80
HTTP_SEND = b"GET / HTTP/1.0\r\n\r\n"
HTTP_EXPECT = b"HTTP"


def check_of(virtual: VirtualServer, server: RealServer, network: Network) -> Check | None:
    """Return the check of `server`; None when nothing can be asked of it, and it counts as up.

    That is one with ``check = none``, a UDP service without `expect`, an SCTP service, and a firewall mark or
    service of every port (port 0) whose server names no port. A sending program or a ping can check any of them.
    """
    kind = _kind(virtual)
    port = checked_port(virtual, server, network)
    if kind is None or server.address is None or (not port and kind not in _WITHOUT_PORT):
        return None
    check = Check(
        kind=kind,
        address=server.address,
        port=port,
        interval_s=effective(virtual, "timeout"),
        limit_s=effective(virtual, "timeout"),
    )
    match kind:
        case CheckKind.HTTP:
            return replace(check, http=http_question(virtual), tls=_tls(virtual), **_expected(virtual))
        case CheckKind.PROGRAM:
            return replace(check, program=virtual.send_program or "", expect=_expected(virtual)["expect"])
        case CheckKind.SEND_EXPECT | CheckKind.UDP:
            return replace(check, send=unescape(virtual.send or ""), **_expected(virtual))
        case CheckKind.TCP if port == HTTP_PORT and virtual.check is None:
            return replace(check, kind=CheckKind.SEND_EXPECT, send=HTTP_SEND, expect=HTTP_EXPECT)
        case _:
            return check


def _tls(virtual: VirtualServer) -> TlsQuestion | None:
    if virtual.check is not CheckWord.HTTPS and not virtual.check_tls:
        return None
    return TlsQuestion(virtual.check_host or "", bool(virtual.check_verify), virtual.check_certificate_days or 0)


def checked_port(virtual: VirtualServer, server: RealServer, network: Network) -> int:
    """Return the port clients' packets reach `server` on; 0 when it could be any."""
    port: int = effective(virtual, "port")
    if virtual.fwmark or forwarding(virtual, server, network) is Network.NAT:
        return server.port or port
    return port


def _expected(virtual: VirtualServer) -> dict[str, Any]:
    if virtual.expect is None:
        return {"expect": None}
    return {"expect": unescape(virtual.expect), "use_regex": bool(virtual.use_regex)}


def _kind(virtual: VirtualServer) -> CheckKind | None:
    if virtual.check is not None:
        return _CHOSEN[virtual.check]
    if virtual.send_program:
        return CheckKind.PROGRAM
    match effective(virtual, "protocol"):
        case Protocol.TCP:
            return CheckKind.TCP if virtual.expect is None and not virtual.send else CheckKind.SEND_EXPECT
        case Protocol.UDP if virtual.expect is not None:
            return CheckKind.UDP
        case _:
            return None
