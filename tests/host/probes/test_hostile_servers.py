"""Bad servers: each ends as its own failure, within the time-out, in words, and costs the others nothing."""

import asyncio
import gc
import os
import resource
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from app.lvs.check import CheckKind, Outcome
from tests.host.probes import hostile
from tests.host.probes.asking import Handler, ask, ask_server, check, prober, serving

SEND = b"GET / HTTP/1.0\r\n\r\n"


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (hostile.silent, "timed out, no answer within 1 s"),
        (hostile.a_byte_a_second, "the answer was too short [1>=4]: 'H'"),
        (hostile.endless, "answered 'xxxx"),
        (hostile.hundred_megabytes, "answered 'xxxx"),
        (hostile.reset, "reset by the server"),
        (hostile.invalid_utf8, r"answered '\\xff\\xfe\\xc3(\x00\x1b[2J', expected 'HTTP'"),
        (hostile.closing, "closed without an answer"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_it_fails_in_words_and_counts_as_reached(handler: Handler, said: str) -> None:
    result = ask_server(handler, send=SEND, expect=b"HTTP")
    assert result.outcome is Outcome.FAILED
    assert said in result.message
    assert result.message.isprintable()
    assert result.is_reached


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
