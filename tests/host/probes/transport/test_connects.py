"""TCP connects without a task for each: the same words as one with a task, and nothing left behind."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from app.host.probes.transport.connects import Connects
from app.lvs.checks.check import Check, Outcome, Result
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.asking import check, prober
from tests.host.probes.threaded import reset, serving


def connect(port: int, **more: Any) -> Check:
    return check(port, CheckKind.TCP, **more)


def quickly(*checks: Check) -> list[Result]:
    """Return the results of `checks`, begun at once, in the order of their ends."""

    async def all_of_them() -> list[Result]:
        connects, results, ended = Connects(), list[Result](), asyncio.Event()

        def done(result: Result) -> None:
            results.append(result)
            if len(results) == len(checks):
                ended.set()

        for asked in checks:
            connects.start(asked, done)
        async with asyncio.timeout(10):
            await ended.wait()
        connects.close()
        return results

    return asyncio.run(all_of_them())


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@contextmanager
def dropping_syns() -> Iterator[int]:
    """Listen with a queue that is full: the kernel drops what comes."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port: int = server.getsockname()[1]
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield port


def test_a_server_that_takes_the_connection_passes(listening: int) -> None:
    (result,) = quickly(connect(listening))
    assert (result.outcome, result.is_reached) == (Outcome.PASSED, True)
    assert result.message == f"TCP connect to 127.0.0.1:{listening}: connected"


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_it_says_the_same_as_a_check_with_a_task(closed_port: int, address: str) -> None:
    refused = connect(closed_port, address=ip_address(address))
    (result,) = quickly(refused)
    other = asyncio.run(prober().run(refused))
    assert replace(result, duration_s=0) == replace(other, duration_s=0)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)


def test_one_that_drops_what_comes_times_out_and_the_others_do_not_wait(listening: int) -> None:
    with dropping_syns() as silent:
        results = quickly(connect(silent), connect(listening), connect(silent, limit_s=2))
    assert [result.outcome for result in results] == [Outcome.PASSED, Outcome.FAILED, Outcome.FAILED]
    assert [result.message.rpartition(": ")[2] for result in results[1:]] == [
        "timed out, no answer within 1 s",
        "timed out, no answer within 2 s",
    ]
    assert not any(result.is_reached for result in results[1:])


def test_a_connection_that_is_accepted_and_reset_has_been_accepted() -> None:
    with serving(reset) as port:
        results = quickly(*[connect(port)] * 50)
    assert {result.outcome for result in results} == {Outcome.PASSED}


def test_an_address_of_ours_that_is_not_there_is_the_directors_lack(listening: int) -> None:
    (result,) = quickly(connect(listening, source=ip_address("192.0.2.77")))
    assert result.outcome is Outcome.NOT_RUN
    assert "cannot use the source address 192.0.2.77" in result.message


def test_what_is_taken_back_is_not_told_and_leaves_no_descriptor(listening: int) -> None:
    async def taken_back() -> tuple[list[Result], int]:
        connects, results = Connects(), list[Result]()
        before = len(os.listdir("/proc/self/fd"))
        with dropping_syns() as silent:
            for _ in range(20):
                connects.start(connect(silent), results.append)()
            connects.start(connect(listening), results.append)
            async with asyncio.timeout(10):
                while not results:
                    await asyncio.sleep(0)
        after = len(os.listdir("/proc/self/fd"))
        connects.close()
        return results, after - before

    results, more = asyncio.run(taken_back())
    assert ([result.outcome for result in results], more) == ([Outcome.PASSED], 0)


def test_many_at_once_are_all_told(listening: int, closed_port: int) -> None:
    half = [connect(listening), connect(closed_port)] * 60
    results = quickly(*half)
    assert sum(result.outcome is Outcome.PASSED for result in results) == 60
