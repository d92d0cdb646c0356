"""Load agents: the line they say, and those that say none."""

import asyncio

import pytest

from app.lvs.checks.check import Outcome, Result
from app.lvs.model.check_kinds import LoadKind
from tests.host.probes import hostile
from tests.host.probes.asking import ask, ask_server, check
from tests.tcp_server import Handler


def saying(*parts: bytes, is_closing: bool = True) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        if not is_closing:
            await reader.read()

    return handler


def asked(handler: Handler) -> Result:
    return ask_server(handler, kind=LoadKind.AGENT)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((b"75%\n",), "75%"),
        ((b"up ", b"50%\r\n"), "up 50%"),
        ((b"drain # backup\n75%\n",), "drain # backup"),
        ((b"ready\rmaint\n",), "ready"),
        ((b"10%",), "10%"),
        (("maint # Wartung für heute\n".encode(),), "maint # Wartung für heute"),
    ],
)
def test_the_first_line_is_what_was_said(parts: tuple[bytes, ...], said: str) -> None:
    result = asked(saying(*parts))
    assert (result.outcome, result.agent_line) == (Outcome.PASSED, said)


def test_an_agent_that_stays_on_the_line_is_not_waited_for() -> None:
    result = asked(saying(b"75%\n", is_closing=False))
    assert (result.outcome, result.agent_line) == (Outcome.PASSED, "75%")
    assert result.message.endswith(": answered '75%'")


@pytest.mark.parametrize("silence", [b"", b"\n", b" \r\n"])
def test_an_agent_that_says_nothing_has_failed(silence: bytes) -> None:
    result = asked(saying(silence))
    assert (result.outcome, result.is_reached, result.agent_line) == (Outcome.FAILED, True, "")
    assert result.message.endswith(": sent nothing")


def test_what_it_says_cannot_reach_a_terminal() -> None:
    result = asked(saying(b"up # \x1b[2J\xff\n"))
    assert result.outcome is Outcome.PASSED
    assert result.agent_line.isprintable()
    assert result.message.isprintable()


def test_a_line_without_an_end_is_read_no_further() -> None:
    result = asked(hostile.hundred_megabytes)
    assert (result.outcome, result.agent_line) == (Outcome.FAILED, "")
    assert "at most 1024 bytes" in result.message


@pytest.mark.parametrize("handler", [hostile.silent, hostile.a_byte_a_second, hostile.endless, hostile.reset])
def test_a_bad_agent_fails_within_its_time(handler: Handler) -> None:
    result = asked(handler)
    assert (result.outcome, result.agent_line) == (Outcome.FAILED, "")


def test_a_port_nobody_listens_on_is_refused() -> None:
    result = ask(check(1, LoadKind.AGENT))
    assert (result.outcome, result.message) == (Outcome.FAILED, "load agent at 127.0.0.1:1: refused")
