"""Servers that answer datagrams: the right answers of each protocol, and checks that get them on the loopback."""

import asyncio
import hashlib
import hmac
import struct
import time
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any, cast

import dns.message
import dns.rrset

from app.lvs.checks.check import Check, Result
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.asking import check, prober

Answering = Callable[[bytes], Iterable[bytes]]
SECRET = b"testing123"
ASKED: dict[CheckKind, dict[str, Any]] = {
    CheckKind.DNS: {"name": "www.example.com", "record_type": "A"},
    CheckKind.NTP: {},
    CheckKind.RADIUS: {"secret": SECRET},
    CheckKind.SIP: {},
}
"""What a check of each kind needs besides its target."""


class answering:
    """A server of datagrams for as long as the block lasts: it sends what `answer` returns for each that comes."""

    def __init__(self, answer: Answering, address: str = "127.0.0.1") -> None:
        self._answer = answer
        self._address = address
        self.heard: list[bytes] = []
        self.asked_from: list[str] = []

    async def __aenter__(self) -> int:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: _Protocol(self), (self._address, 0))
        port: int = self._transport.get_extra_info("sockname")[1]
        return port

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()

    def hear(self, data: bytes, address: tuple[str, int]) -> Iterable[bytes]:
        self.heard.append(data)
        self.asked_from.append(address[0])
        return self._answer(data)


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, server: answering) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        for answer in self._server.hear(data, address):
            self._transport.sendto(answer, address)


def asked(kind: CheckKind, answer: Answering, address: str = "127.0.0.1", **more: Any) -> Result:
    """Check a server that answers so."""
    return asked_of(kind, answering(answer, address), address, **more)


def asked_of(kind: CheckKind, server: answering, address: str = "127.0.0.1", **more: Any) -> Result:
    async def both() -> Result:
        async with server as port:
            return await prober().run(of(kind, port, address, **more))

    return asyncio.run(both())


def traced(kind: CheckKind, answer: Answering, **more: Any) -> list[str]:
    """Check a server that answers so, and return the steps in words."""

    async def both() -> list[str]:
        async with answering(answer) as port:
            return [step.text for step in (await prober().trace(of(kind, port, **more)))[1]]

    return asyncio.run(both())


def of(kind: CheckKind, port: int, address: str = "127.0.0.1", **more: Any) -> Check:
    return check(port, kind, address=ip_address(address), **{**ASKED.get(kind, {}), **more})


def right(kind: CheckKind, question: bytes) -> bytes:
    """Return what a server that is well answers to `question`."""
    answers: dict[CheckKind, Callable[[bytes], bytes]] = {
        CheckKind.DNS: dns_answer,
        CheckKind.NTP: ntp_answer,
        CheckKind.RADIUS: radius_answer,
        CheckKind.SIP: sip_answer,
    }
    return answers[kind](question)


def dns_answer(question: bytes, *records: str, rcode: int = 0, flags: int = 0) -> bytes:
    """Answer with `records` as a zone file has them; without any with one address."""
    answer = dns.message.make_response(dns.message.from_wire(question))
    answer.answer = [dns.rrset.from_text(*record.split(" ", 4)) for record in records]  # type: ignore[arg-type]
    if not records and not rcode:
        answer.answer = [dns.rrset.from_text("www.example.com.", 60, "IN", "A", "192.0.2.7")]
    answer.set_rcode(dns.rcode.Rcode(rcode))
    answer.flags |= flags
    return answer.to_wire()


def ntp_answer(
    question: bytes,
    *,
    mode: int = 4,
    leap: int = 0,
    stratum: int = 2,
    reference: bytes = b"",
    ahead_s: float = 0.0,
) -> bytes:
    at_s = (time.time() + 2_208_988_800 + ahead_s) % 2**32
    now = struct.pack("!II", int(at_s), int(at_s % 1 * 2**32))
    first = struct.pack("!BBbb8x4s8x", leap << 6 | 4 << 3 | mode, stratum, 6, -20, reference)
    return first + question[40:48] + now + now


def radius_answer(
    question: bytes, code: int = 2, *, attributes: bytes = b"", secret: bytes = SECRET, signed: bytes | None = None
) -> bytes:
    """Answer with a Message-Authenticator, which `signed` replaces (empty: none), and `attributes`."""
    asked = question[4:20]
    own = b"\x50\x12" + bytes(16) if signed is None else b"\x50\x12" + signed if signed else b""
    header = struct.pack("!BBH", code, question[1], 20 + len(own) + len(attributes))
    if signed is None:
        own = b"\x50\x12" + hmac.new(secret, header + asked + own + attributes, "md5").digest()
    content = own + attributes
    return header + hashlib.md5(header + asked + content + secret).digest() + content


def sip_answer(question: bytes, status: str = "200 OK", **instead: str) -> bytes:
    """Answer with the headers a server sends back; `instead` are others for call_id and cseq."""
    headers = dict(line.split(": ", 1) for line in question.decode().split("\r\n")[1:] if line)
    lines = (
        f"SIP/2.0 {status}",
        f"Via: {headers['Via']}",
        f"From: {headers['From']}",
        f"To: {headers['To']};tag=1",
        f"Call-ID: {instead.get('call_id', headers['Call-ID'])}",
        f"CSeq: {instead.get('cseq', headers['CSeq'])}",
        "Content-Length: 0",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()
