"""Bad servers: each ends as its own failure, within the time-out, in words, and costs the others nothing."""

import asyncio
import gc
import os
import random
import resource
from collections import Counter
from contextlib import AsyncExitStack
from typing import Any

import pytest

from app.lvs.checks.check import HttpRequest, Outcome, Result, TlsSettings
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes import hostile
from tests.host.probes.asking import ask, ask_server, check, prober
from tests.tcp_server import Handler, serving

SEND = b"GET / HTTP/1.0\r\n\r\n"
RANDOM = random.Random(1).choices((0, 1), k=60_000)


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (hostile.silent, "timed out, no answer within 1 s"),
        (hostile.a_byte_a_second, "the answer was too short [1>=4]: 'H'"),
        (hostile.endless, "answered 'xxxx"),
        (hostile.hundred_megabytes, "answered 'xxxx"),
        (hostile.reset, "reset by the server"),
        (hostile.invalid_utf8, r"answered '\xff\xfe\xc3(\x00\x1b[2J', expected 'HTTP'"),
        (hostile.closing_when_asked, "closed without an answer"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_it_fails_in_words_and_counts_as_reached(handler: Handler, said: str) -> None:
    result = ask_server(handler, send=SEND, expect=b"HTTP")
    assert result.outcome is Outcome.FAILED
    assert said in result.message
    assert result.message.isprintable()
    assert result.is_reached


def page(handler: Handler, *, tls: bool = False, **more: Any) -> Result:
    """Ask `handler` for a page."""
    question = HttpRequest("/", "www.example.com", ((200, 200),))
    return ask_server(handler, kind=CheckKind.HTTP, http=question, tls=TlsSettings() if tls else None, **more)


def test_an_answer_that_is_reset_half_way_is_a_reset() -> None:
    result = page(hostile.reset_half_way)
    assert result.outcome is Outcome.FAILED
    assert result.message.endswith(": reset by the server")


def test_a_greeting_over_tls_that_stalls_is_waited_for_no_longer_than_the_time_out() -> None:
    result = page(hostile.stalled_tls, tls=True)
    assert result.outcome is Outcome.FAILED
    assert result.message.endswith(": timed out, no answer within 1 s")
    assert result.is_reached


def test_a_pattern_made_to_explode_on_a_page_made_for_it_fails_like_any_other() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + b"a" * 60_000 + b"!")

    result = page(handler, expect=b"^(a+)+$", use_regex=True)
    assert result.outcome is Outcome.FAILED
    assert result.message.endswith("status 200, but '^(a+)+$' not found in the first 60001 bytes")


def test_a_pattern_that_costs_much_is_refused_in_words_or_leaves_the_loop_alone() -> None:
    text = b"HTTP/1.0 200 OK\r\n\r\n" + b"".join(b"ab"[bit : bit + 1] for bit in RANDOM)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text)

    result = page(handler, expect=b"((a|b|ab|ba|aab){1,31}){1,31}c", use_regex=True)
    assert result.outcome is Outcome.FAILED
    assert "is invalid: pattern too large" in result.message
    assert page(handler, expect=b"(a|b)*a(a|b){300}c", use_regex=True, limit_s=20).outcome is Outcome.FAILED


def test_a_server_that_drops_what_knocks_is_not_reached() -> None:
    with hostile.dropping_syns() as port:
        result = ask(check(port, CheckKind.TCP))
    assert result.outcome is Outcome.FAILED
    assert result.message == f"TCP connect to 127.0.0.1:{port}: timed out, no answer within 1 s"
    assert not result.is_reached


def test_three_hundred_bad_ones_of_a_thousand_leave_memory_and_descriptors_flat() -> None:
    bad = [hostile.silent, hostile.a_byte_a_second, hostile.endless, hostile.reset, hostile.invalid_utf8]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    async def rounds() -> list[tuple[Counter[Outcome], int, int]]:
        seen = []
        async with AsyncExitStack() as stack:
            good = await stack.enter_async_context(serving(hostile.well))
            ports = [await stack.enter_async_context(serving(handler)) for handler in bad]
            targets = [good] * 700 + ports * 60
            run = prober().run
            for _ in range(4):
                results = await asyncio.gather(
                    *(
                        run(check(port, send=SEND, expect=b"HTTP", limit_s=20 if port == good else 2))
                        for port in targets
                    )
                )
                gc.collect()
                seen.append((Counter(result.outcome for result in results), descriptors(), memory_kib()))
        return seen

    try:
        seen = asyncio.run(rounds())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert [counted for counted, _, _ in seen] == [{Outcome.PASSED: 700, Outcome.FAILED: 300}] * 4
    # The server's ends of the silent connections are in this process too.
    assert seen[-1][1] - seen[1][1] <= 2 * 60 * len(bad)
    assert seen[-1][2] - seen[1][2] < 20_000


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def memory_kib() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024
