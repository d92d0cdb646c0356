"""TCP connect, Piranha's send and expect, UDP: right, wrong and dead servers."""

import asyncio
import resource
import socket
from ipaddress import ip_address
from typing import cast

import pytest

from app.host.probes.prober import Prober
from app.lvs.checks.check import Outcome
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes import hostile
from tests.host.probes.asking import ask, ask_server, check, prober


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def test_a_server_that_takes_the_connection_passes() -> None:
    result = ask_server(hostile.silent, kind=CheckKind.TCP)
    assert result.outcome is Outcome.PASSED
    assert result.message.endswith(": connected")


def test_a_closed_port_is_refused_and_that_is_an_answer() -> None:
    port = closed_port()
    result = ask(check(port, CheckKind.TCP))
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message == f"TCP connect to 127.0.0.1:{port}: refused"


def test_an_ipv6_target_is_written_in_brackets() -> None:
    result = ask(check(closed_port(), CheckKind.TCP, address=ip_address("::1")))
    assert "TCP connect to [::1]:" in result.message


def test_an_expected_answer_passes() -> None:
    result = ask_server(hostile.well, send=b"GET / HTTP/1.0\r\n\r\n", expect=b"HTTP")
    assert result.outcome is Outcome.PASSED
    assert "answered as expected" in result.message


def test_a_star_takes_even_a_connection_that_is_closed_at_once() -> None:
    assert ask_server(hostile.closing, expect=b"*").outcome is Outcome.PASSED
    assert ask_server(hostile.closing, expect=b"").outcome is Outcome.PASSED


def test_a_star_does_not_take_silence() -> None:
    assert ask_server(hostile.silent, expect=b"*").outcome is Outcome.FAILED


def test_sending_without_expecting_needs_no_answer() -> None:
    assert ask_server(hostile.silent, send=b"QUIT\r\n").outcome is Outcome.PASSED


def test_a_regular_expression_is_searched_in_the_answer() -> None:
    assert ask_server(hostile.well, send=b"\r\n\r\n", expect=b"20[0-9]", use_regex=True).outcome is Outcome.PASSED
    result = ask_server(hostile.well, send=b"\r\n\r\n", expect=b"^50", use_regex=True)
    assert "does not match '^50'" in result.message


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self._transport.sendto(b"echo " + data, address)


@pytest.mark.parametrize(
    ("expect", "outcome"), [(b"echo", Outcome.PASSED), (b"*", Outcome.PASSED), (b"other", Outcome.FAILED)]
)
def test_a_datagram_is_answered_and_compared(expect: bytes, outcome: Outcome) -> None:
    async def both(prober: Prober) -> Outcome:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Echo, ("127.0.0.1", 0))
        port = transport.get_extra_info("sockname")[1]
        try:
            return (await prober.run(check(port, CheckKind.UDP, send=b"hi", expect=expect))).outcome
        finally:
            transport.close()

    assert asyncio.run(both(prober())) is outcome


def test_a_closed_udp_port_is_told_by_its_host() -> None:
    result = ask(check(closed_port(), CheckKind.UDP, send=b"hi", expect=b"*"))
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(": refused")


def test_a_udp_server_that_says_nothing_is_not_reached() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        result = ask(check(deaf.getsockname()[1], CheckKind.UDP, send=b"hi", expect=b"*"))
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, False)


def test_a_descriptor_too_many_is_the_directors_failure_and_not_the_servers() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    async def starved() -> Outcome:
        taken = [socket.socket() for _ in range(3)]
        resource.setrlimit(resource.RLIMIT_NOFILE, (taken[-1].fileno() + 1, hard))
        try:
            return (await prober().run(check(80, CheckKind.TCP))).outcome
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            for listener in taken:
                listener.close()

    assert asyncio.run(starved()) is Outcome.NOT_RUN
