"""DNS: queries a name server over UDP for one type of record of a name (RFC 1035)."""

import socket
from dataclasses import dataclass
from functools import partial

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from app.host.probes.transport.attempt import Attempt, CannotAsk, Unexpected
from app.host.probes.transport.datagrams import answer_to
from app.host.probes.transport.sockets import connected, target
from app.lvs.checks.check import Check
from app.lvs.checks.expect import PatternRefused, is_in_body, quoted_bytes
from app.lvs.model.printable import plain

_SHOWN_MAX = 120


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """A server's answer; the records of its answer section are written as in a zone file, without their names."""

    rcode: str
    is_cut: bool
    records: tuple[str, ...]


async def probe(check: Check, attempt: Attempt) -> None:
    """Require NOERROR with at least one record, and the expected text in one of them.

    A truncated answer counts, unless a text is expected that is not in the part received.
    """
    query = _query(check)
    name = query.question[0].name.to_text(omit_final_dot=True)
    attempt.doing = f"DNS {check.record_type} of {name} from {target(check)}"
    async with connected(check, socket.SOCK_DGRAM, attempt) as connection:
        answer = await answer_to(
            query.to_wire(), connection, attempt, partial(read, query), ignored="received only unrelated packets"
        )
    attempt.found = require_healthy(check, answer)


def read(query: dns.message.QueryMessage, data: bytes) -> DnsAnswer | None:
    """Return the answer to `query` in `data`; None when it is something else."""
    # Unrelated packets need not be parsed.
    if data[:2] != query.id.to_bytes(2, "big"):
        return None
    try:
        message = dns.message.from_wire(data)
        if not query.is_response(message):
            return None
        records = tuple(plain(record.to_text()) for records in message.answer for record in records)
    except dns.exception.DNSException:
        return None
    return DnsAnswer(dns.rcode.to_text(message.rcode()), bool(message.flags & dns.flags.TC), records)


def require_healthy(check: Check, answer: DnsAnswer) -> str:
    """Return what a healthy `answer` says; raise Unexpected for any other."""
    if answer.rcode != "NOERROR":
        raise Unexpected(f"answered {answer.rcode}")
    cut = ", truncated" if answer.is_cut else ""
    if not answer.records and not answer.is_cut:
        raise Unexpected(f"answered NOERROR, but no {check.record_type} record")
    found = plain(", ".join(answer.records), _SHOWN_MAX) or "no record that fits into a packet"
    try:
        if not check.expect or any(is_in_body(check, record.encode()) for record in answer.records):
            return f"{found}{cut}"
    except PatternRefused as refused:
        raise Unexpected(str(refused)) from refused
    raise Unexpected(f"answered {found}{cut}, which does not contain {quoted_bytes(check.expect)}")


def _query(check: Check) -> dns.message.QueryMessage:
    try:
        return dns.message.make_query(check.name, check.record_type)
    except (dns.exception.DNSException, ValueError) as error:
        raise CannotAsk(f"cannot query {check.record_type} of {plain(check.name)}: {error}") from error
