"""SIP: a server answers OPTIONS, sent over UDP (RFC 3261, 11)."""

import re
import secrets
import socket
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from app.host.probes.transport.attempt import Attempt, Unexpected
from app.host.probes.transport.datagrams import answer_to
from app.host.probes.transport.sockets import connected, target
from app.lvs.checks.check import Check
from app.lvs.ipvs.service_names import host_port
from app.lvs.model.printable import plain

_STATUS = re.compile(rb"SIP/2\.0 ([1-6][0-9]{2})(?: ([^\r\n]*))?\r?\n")
_SEQUENCE = "1 OPTIONS"
_USER_SIGNS = "-_.!~*'()&=+$,;?/"
"""Characters that need no escape in the user of a SIP address, in addition to letters and digits."""


@dataclass(frozen=True, slots=True)
class SipAnswer:
    """A final response: status 200 or above."""

    status: int
    reason: str


async def probe(check: Check, attempt: Attempt) -> None:
    """Require a status of 200 to 299."""
    attempt.doing = f"SIP OPTIONS to {target(check)}"
    async with connected(check, socket.SOCK_DGRAM, attempt) as connection:
        call = f"{secrets.token_hex(12)}@palometa"
        answer = await answer_to(
            request(check, call, _own(connection)),
            connection,
            attempt,
            partial(read, call),
            ignored="received only unrelated packets",
        )
    words = f"status {answer.status} {answer.reason}".rstrip()
    if not 200 <= answer.status <= 299:
        raise Unexpected(words)
    attempt.found = words


def request(check: Check, call: str, own: str) -> bytes:
    """Return OPTIONS for the target of `check`; `own` is our end, as "address:port", and `call` the Call-ID."""
    user = f"{quote(check.name, safe=_USER_SIGNS)}@" if check.name else ""
    address = f"sip:{user}{target(check)}"
    lines = (
        f"OPTIONS {address} SIP/2.0",
        # A branch begins with these letters; rport: the answer comes to where this came from.
        f"Via: SIP/2.0/UDP {own};branch=z9hG4bK{secrets.token_hex(8)};rport",
        "Max-Forwards: 70",
        f"From: <sip:palometa@{own}>;tag={secrets.token_hex(4)}",
        f"To: <{address}>",
        f"Call-ID: {call}",
        f"CSeq: {_SEQUENCE}",
        f"Contact: <sip:palometa@{own}>",
        "Accept: application/sdp",
        "User-Agent: palometa",
        "Content-Length: 0",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")


def read(call: str, data: bytes) -> SipAnswer | None:
    """Return the final answer in `data` to our request with that Call-ID; None when it is something else."""
    status = _STATUS.match(data)
    if status is None or int(status[1]) < 200:
        return None
    headers = _headers(data[status.end() :])
    if headers.get("call-id", headers.get("i")) != call:
        return None
    if headers.get("cseq", "").split() != _SEQUENCE.split():
        return None
    return SipAnswer(int(status[1]), plain((status[2] or b"").decode("utf-8", "replace").strip()))


def _headers(data: bytes) -> dict[str, str]:
    """Return the headers by their names in small letters, up to the empty line."""
    found: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").split("\n"):
        if not line.strip():
            break
        name, _, value = line.partition(":")
        found.setdefault(name.strip().lower(), value.strip())
    return found


def _own(connection: socket.socket) -> str:
    host, port, *_ = connection.getsockname()
    return host_port(host, port)
