"""The checks of a real server, from lvs.cf: by Piranha's rules (nanny, lvs.cf(5)), or `check` and its keys."""

from typing import Any

from app.lvs.checks.additional import also_virtuals
from app.lvs.checks.check import BYTES, Check, Login, TlsSettings
from app.lvs.checks.expect import unescape
from app.lvs.checks.http import host_name, http_request
from app.lvs.desired.table import forwarding
from app.lvs.grammar.reader import encode
from app.lvs.keywords.table import effective
from app.lvs.model.check_kinds import CheckKind, LoadKind
from app.lvs.model.config import RealServer, VirtualServer
from app.lvs.model.values import AGENT, Network, Protocol

HTTP_PORT = 80
HTTP_SEND = b"GET / HTTP/1.0\r\n\r\n"
HTTP_EXPECT = b"HTTP"
NEED_ALL = "all"
NEED_ANY = "any"


def checks_of(virtual: VirtualServer, server: RealServer, network: Network) -> tuple[Check, ...]:
    """Return the checks of `server`, the first one and those of ``also_check``, without duplicates.

    Empty if it cannot be checked; it then counts as up.
    """
    return tuple(dict.fromkeys(every_check_of(virtual, server, network)))


def every_check_of(virtual: VirtualServer, server: RealServer, network: Network) -> list[Check]:
    """Return the checks of `server` including duplicates."""
    checks = [check_of(virtual, server, network)]
    if virtual.also_check:
        port = checked_port(virtual, server, network)
        checks += [_check(other, server, other.check_port or port) for other in also_virtuals(virtual)]
    return [check for check in checks if check is not None]


def checks_needed(virtual: VirtualServer, count: int) -> int:
    """Return how many of `count` checks of a server must pass; at least one, and at most all."""
    need: str = effective(virtual, "check_need")
    if need == NEED_ANY:
        return 1
    return max(1, min(int(need), count)) if is_number(need) else count


def load_check_of(virtual: VirtualServer, server: RealServer) -> Check | None:
    """Return the check that reads the load of `server`; None if lvs.cf does not enable it."""
    address = server.check_address or server.address
    if virtual.load_monitor != AGENT or not virtual.load_port or address is None:
        return None
    return Check(kind=LoadKind.AGENT, address=address, port=virtual.load_port, **_path_and_schedule(virtual))


def check_of(virtual: VirtualServer, server: RealServer, network: Network) -> Check | None:
    """Return the first check of `server`; None if it has none.

    That is the case with ``check = none``, a UDP service without `expect`, an SCTP service, and a firewall mark or
    service on all ports (port 0) whose server names no port. A sending program or a ping can check any of them.
    """
    port = server.check_port or virtual.check_port or checked_port(virtual, server, network)
    return _check(virtual, server, port)


def checked_port(virtual: VirtualServer, server: RealServer, network: Network) -> int:
    """Return the port on which `server` receives client traffic; 0 if it could be any."""
    port: int = effective(virtual, "port")
    if virtual.fwmark or forwarding(virtual, server, network) is Network.NAT:
        return server.port or port
    return port


def is_number(text: str) -> bool:
    """Return whether `text` is a number of at most nine plain digits."""
    return text.isascii() and text.isdigit() and len(text) < 10


def chosen_kind(virtual: VirtualServer) -> CheckKind | None:
    """Return the kind of the first check of `virtual`; None: there is none."""
    if virtual.check is not None:
        return virtual.check.run_as
    if virtual.send_program:
        return CheckKind.PROGRAM
    match effective(virtual, "protocol"):
        case Protocol.TCP:
            return CheckKind.TCP if virtual.expect is None and not virtual.send else CheckKind.SEND
        case Protocol.UDP if virtual.expect is not None:
            return CheckKind.UDP
        case _:
            return None


def is_from_latin1(virtual: VirtualServer) -> bool:
    """Return whether the texts of `virtual` come from a file that is Latin-1."""
    return virtual.layout is not None and virtual.layout.is_latin1


def is_over_tls(virtual: VirtualServer) -> bool:
    """Return whether the first check of `virtual` uses TLS."""
    kind = chosen_kind(virtual)
    if kind is None or "check_tls" not in kind.row.keys:
        return False
    return bool(virtual.check_tls) or (virtual.check is not None and virtual.check.row.is_always_tls)


def _check(virtual: VirtualServer, server: RealServer, port: int) -> Check | None:
    kind = chosen_kind(virtual)
    address = server.check_address or server.address
    if kind is None or server.address is None or address is None or (not port and kind.row.has_port):
        return None
    is_piranhas_http = kind is CheckKind.TCP and port == HTTP_PORT and virtual.check is None
    request = (
        {"kind": CheckKind.SEND, "send": HTTP_SEND, "expect": HTTP_EXPECT}
        if is_piranhas_http
        else {"kind": kind, **_request(virtual, kind)}
    )
    return Check(address=address, port=port, retry_s=virtual.check_retry, **_path_and_schedule(virtual), **request)


def _path_and_schedule(virtual: VirtualServer) -> dict[str, Any]:
    timeout_s = effective(virtual, "timeout")
    return {
        "interval_s": virtual.check_interval or timeout_s,
        "limit_s": virtual.check_limit or timeout_s,
        "source": virtual.check_source,
        "interface": virtual.check_interface or "",
    }


def _request(virtual: VirtualServer, kind: CheckKind) -> dict[str, Any]:
    """Return the request of a check of `kind`, from the keys it reads."""
    keys = kind.row.keys
    is_latin1 = is_from_latin1(virtual)
    found: dict[str, Any] = {}
    if kind is CheckKind.HTTP:
        found["http"] = http_request(virtual)
    if is_over_tls(virtual):
        found["tls"] = TlsSettings(
            host_name(virtual.check_host or ""), bool(virtual.check_verify), virtual.check_certificate_days or 0
        )
    if "send" in keys:
        found["send"] = unescape(virtual.send or "", is_latin1=is_latin1)
    if "send_program" in keys:
        found["program"] = encode(virtual.send_program or "", is_latin1=is_latin1).decode(errors=BYTES)
    if "expect" in keys and virtual.expect is not None:
        found["expect"] = unescape(virtual.expect, is_latin1=is_latin1)
        found["use_regex"] = bool(virtual.use_regex) and "use_regex" in keys
    if "check_user" in keys and (virtual.check_user or virtual.check_password):
        found["login"] = Login(virtual.check_user or "", virtual.check_password or "")
    if "check_secret" in keys:
        found["secret"] = encode(virtual.check_secret or "", is_latin1=is_latin1)
    if "check_name" in keys:
        found["name"] = virtual.check_name or ""
    if "check_type" in keys:
        found["record_type"] = effective(virtual, "check_type").upper()
    return found
