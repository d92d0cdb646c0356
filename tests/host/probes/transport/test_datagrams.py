"""What the protocols over UDP have in common: nobody answers in the server's place, and nothing holds them up."""

import asyncio
import socket
from collections.abc import Callable, Iterable
from contextlib import closing
from ipaddress import ip_address
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.host.probes.transport import datagrams
from app.host.probes.transport.attempt import Attempt
from app.lvs.checks.check import Outcome, Result
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.answering import ASKED, answering, asked, asked_of, of, right, traced
from tests.host.probes.asking import ask, prober

KINDS = tuple(ASKED)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.value)
JUNK = (b"", b"\0", b"\xff" * 600, b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n")


def of_kind(kind: CheckKind) -> Callable[[bytes], Iterable[bytes]]:
    return lambda question: (right(kind, question),)


@each_kind
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_server_that_is_well_passes(kind: CheckKind, address: str) -> None:
    result = asked(kind, of_kind(kind), address)
    assert (result.outcome, result.is_reached) == (Outcome.PASSED, True), result.message
    assert ("[::1]:" if ":" in address else "127.0.0.1:") in result.message


@each_kind
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_closed_port_is_refused_and_that_is_an_answer(kind: CheckKind, address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_DGRAM)) as one:
        one.bind((address, 0))
        port = one.getsockname()[1]
    result = ask(of(kind, port, address))
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(": refused")


@each_kind
def test_a_server_that_says_nothing_is_not_reached(kind: CheckKind) -> None:
    result = asked(kind, lambda _: ())
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, False)
    assert result.message.endswith(": timed out, no answer within 1 s")


@each_kind
def test_what_is_no_answer_is_passed_over(kind: CheckKind) -> None:
    result = asked(kind, lambda question: (*JUNK, question, right(kind, question)))
    assert (result.outcome, result.is_reached) == (Outcome.PASSED, True), result.message


@each_kind
def test_a_server_of_something_else_fails_in_words_and_is_reached(kind: CheckKind) -> None:
    result = asked(kind, lambda question: (*JUNK, question))
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert "(received only " in result.message
    assert result.message.endswith(": timed out, no answer within 1 s")


@each_kind
def test_an_answer_to_another_question_is_not_taken(kind: CheckKind) -> None:
    other: list[bytes] = []

    def answer(question: bytes) -> Iterable[bytes]:
        other.append(question)
        return (right(kind, other[0]),)

    async def twice() -> tuple[Result, Result]:
        async with answering(answer) as port:
            sender = of(kind, port)
            return await prober().run(sender), await prober().run(sender)

    first, second = asyncio.run(twice())
    assert (first.outcome, second.outcome) == (Outcome.PASSED, Outcome.FAILED)


@each_kind
def test_a_lost_datagram_is_sent_again(kind: CheckKind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datagrams, "AGAIN_S", 0.05)
    turns = count()
    server = answering(lambda question: (right(kind, question),) if next(turns) == 2 else ())
    result = asked_of(kind, server, limit_s=20)
    assert result.outcome is Outcome.PASSED, result.message
    assert server.heard == server.heard[:1] * 3


@each_kind
def test_a_flood_ends_with_the_limit(kind: CheckKind) -> None:
    async def flooded() -> Result:
        async def flood() -> None:
            # From the server's own port: what comes from elsewhere does not get to who asks.
            _, asker = await asyncio.get_running_loop().sock_recvfrom(server, 4096)
            while True:
                for _ in range(50):
                    server.sendto(b"x" * 100, asker)
                await asyncio.sleep(0)

        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as server:
            server.bind(("127.0.0.1", 0))
            server.setblocking(False)
            flooding = asyncio.ensure_future(flood())
            result = await prober().run(of(kind, server.getsockname()[1]))
            flooding.cancel()
            await asyncio.gather(flooding, return_exceptions=True)
            return result

    result = asyncio.run(flooded())
    assert result.outcome is Outcome.FAILED
    assert "timed out" in result.message


def test_others_have_their_turn_between_two_datagrams_that_are_there_already() -> None:
    piled = 100

    async def read_all() -> int:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        with (
            closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as server,
            closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as asking,
        ):
            server.bind(("127.0.0.1", 0))
            asking.connect(server.getsockname())
            asking.setblocking(False)
            for number in range(piled):
                server.sendto(str(number).encode(), asking.getsockname())
            task = asyncio.ensure_future(other())
            attempt = Attempt("test", 20, asyncio.timeout(20))
            last = await datagrams.answer_to(
                b"?", asking, attempt, lambda data: data if data == str(piled - 1).encode() else None
            )
            task.cancel()
            assert last
        return turns

    assert asyncio.run(read_all()) >= piled - 1


@each_kind
def test_it_asks_from_the_address_and_through_the_interface_that_are_named(kind: CheckKind) -> None:
    server = answering(of_kind(kind))
    assert asked_of(kind, server, source=ip_address("127.0.0.5"), interface="lo").outcome is Outcome.PASSED
    assert server.asked_from == ["127.0.0.5"]
    result = asked(kind, of_kind(kind), interface="nosuch0")
    assert result.outcome is Outcome.NOT_RUN
    assert "cannot use the interface nosuch0" in result.message


@each_kind
def test_each_step_can_be_seen(kind: CheckKind) -> None:
    steps = traced(kind, of_kind(kind))
    assert steps[1] == "ready to send"
    assert [step.split()[0] for step in steps[2:]] == ["sent", "received"]
    assert all(step.isprintable() for step in steps)


@settings(max_examples=40)
@given(st.lists(st.binary(max_size=300), max_size=20), st.binary(max_size=300), st.integers(0, 120))
def test_whatever_comes_no_check_breaks(datagrams_: list[bytes], tail: bytes, cut: int) -> None:
    async def all_kinds() -> list[Result]:
        async def one(kind: CheckKind) -> Result:
            # An answer that begins well and goes on badly gets furthest.
            async with answering(lambda question: (*datagrams_, right(kind, question)[:cut] + tail)) as port:
                return await prober().run(of(kind, port, limit_s=0.2))

        return await asyncio.gather(*(one(kind) for kind in KINDS))

    for result in asyncio.run(all_kinds()):
        assert result.outcome in (Outcome.PASSED, Outcome.FAILED), result.message
        assert result.message.isprintable()
