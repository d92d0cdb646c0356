"""The verb "test": runs what the rules let through, once, tells each step, and gives no secret away."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from app.host.control_client import ask
from app.lvs.keywords.secret_keys import COVER
from app.lvs.reports.check_test import CheckTrialReport, TrialReport
from app.pulse.health.check_test import AT_ONCE, LIMIT_S, CheckTest
from app.pulse.process.control import VerbRefused
from lab.cluster import Cluster
from tests.host.probes.asking import prober
from tests.pulse.director import Director
from tests.tcp_server import serving

PASSWORD = "hunter2hunter2"


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def lvs_cf(port: int, *lines: str, servers: int = 1, address: str = "127.0.0.1", active: int = 0) -> str:
    keys = "\n".join(lines)
    blocks = "".join(
        f"server s{number} {{\n address = {address}\n port = {port}\n active = {active}\n}}\n"
        for number in range(servers)
    )
    return f"serial_no = 1\nnetwork = nat\nvirtual web {{\nport = 81\ntimeout = 2\n{keys}\n{blocks}}}\n"


async def trial(text: Any, index: Any = None) -> TrialReport:
    return await CheckTest(prober()).test({"verb": "test", "text": text, "index": index})


def refusal(text: Any, index: Any = None) -> str:
    with pytest.raises(VerbRefused) as refused:
        asyncio.run(trial(text, index))
    return str(refused.value)


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 ready\r\n")
    await reader.read(100)


async def gossip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Tell each who asks Redis what was sent, in one line."""
    said = await reader.readuntil(PASSWORD.encode())
    writer.write(b"-ERR you sent " + said.replace(b"\r\n", b" ") + b"\r\n")


async def gossip_of_the_web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    request = await reader.readuntil(b"\r\n\r\n")
    login = next(line for line in request.split(b"\r\n") if line.startswith(b"Authorization"))
    writer.write(b"SSH-2.0 " + login + b"\r\n\r\n")


def one_check(handler: Handler, *lines: str) -> CheckTrialReport:
    """Serve `handler` and return what came of the one check of it."""

    async def run() -> TrialReport:
        async with serving(handler) as port:
            return await trial(lvs_cf(port, *lines))

    [server] = asyncio.run(run())["servers"]
    [check] = server["checks"]
    return check


@pytest.mark.parametrize("is_latin1", [False, True])
def test_texts_are_sent_in_the_encoding_of_the_file(is_latin1: bool) -> None:
    encoding = "latin-1" if is_latin1 else "utf-8"

    async def green(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(100) == "straße".encode(encoding):
            writer.write("grün".encode(encoding))

    async def run() -> TrialReport:
        async with serving(green) as port:
            text = lvs_cf(port, 'send = "straße"', 'expect = "grün"')
            return await CheckTest(prober()).test({"verb": "test", "text": text, "is_latin1": is_latin1})

    [server] = asyncio.run(run())["servers"]
    [check] = server["checks"]
    assert check["outcome"] == "passed", check["message"]


def test_a_server_that_is_well_passes_and_each_step_is_told() -> None:
    check = one_check(greet, 'send = "QUIT"', 'expect = "220"')
    assert (check["outcome"], check["kind"]) == ("passed", "send and expect")
    said = [step["text"] for step in check["steps"]]
    assert any("QUIT" in text for text in said)
    assert any("220 ready" in text for text in said)
    moments = [step["at_ms"] for step in check["steps"]]
    assert moments == sorted(moments)
    assert moments[-1] <= check["duration_ms"]


async def secretive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1000)
    writer.write(b"HTTP/1.0 200 OK\r\nX-Token: HIDDEN\r\n\r\nHIDDEN")
    await writer.drain()


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (("check = http",), "'HTTP/1.0 200' and 30 bytes that are not compared"),
        (("check = http", 'expect = "HIDE"'), "'HTTP/1.0 200' and 30 bytes that are not compared"),
        (('send = "GET / HTTP/1.0\\r\\n\\r\\n"', 'expect = "*"'), "42 bytes that are not compared"),
    ],
)
def test_an_answer_is_shown_only_as_far_as_it_is_compared(lines: tuple[str, ...], shown: str) -> None:
    check = one_check(secretive, *lines)
    said = [step["text"] for step in check["steps"]]
    assert f"received {shown}" in said
    assert "HIDDEN" not in " ".join((*said, check["message"]))


def test_a_server_that_refuses_fails_with_the_sentence() -> None:
    async def run() -> TrialReport:
        async with serving(greet) as port:
            pass
        return await trial(lvs_cf(port))

    [server] = asyncio.run(run())["servers"]
    assert server["checks"][0]["outcome"] == "failed"
    assert server["checks"][0]["message"].endswith("refused")


def test_all_servers_are_tested_or_the_one_that_is_named() -> None:
    async def run(index: int | None) -> TrialReport:
        async with serving(greet) as port:
            return await trial(lvs_cf(port, 'expect = "220"', servers=3), index)

    assert [server["name"] for server in asyncio.run(run(None))["servers"]] == ["s0", "s1", "s2"]
    assert [server["name"] for server in asyncio.run(run(1))["servers"]] == ["s1"]


def test_a_server_of_which_nothing_can_be_asked_has_no_checks() -> None:
    [server] = asyncio.run(trial(lvs_cf(80, "check = none")))["servers"]
    assert (server["name"], server["checks"]) == ("s0", [])


@pytest.mark.parametrize(
    ("says", "lines"),
    [
        ("Path is 'health'", ("check = http", "check_path = health")),
        ("Service timeout is 0: it must be from 1", ("timeout = 0",)),
        ("timeout", ("timeout = soon",)),
    ],
)
def test_what_the_rules_refuse_is_not_run(says: str, lines: tuple[str, ...]) -> None:
    assert says in refusal(lvs_cf(80, *lines))


def test_a_server_without_an_address_is_not_asked_at_0_0_0_0() -> None:
    assert "The address is not set (0.0.0.0)" in refusal(lvs_cf(80, address="0.0.0.0"))


def test_what_is_wrong_elsewhere_in_the_virtual_server_does_not_stand_in_the_way() -> None:
    check = one_check(greet, "address = 224.0.0.1 eth0:1", 'expect = "220"')
    assert check["outcome"] == "passed"


@pytest.mark.parametrize("program", ["/bin/sh -c id", "../../bin/id", "id"])
def test_a_program_that_root_did_not_put_there_is_not_run(program: str) -> None:
    [server] = asyncio.run(trial(lvs_cf(80, f'send_program = "{program}"')))["servers"]
    assert server["checks"][0]["outcome"] == "not run"


@pytest.mark.parametrize(
    ("text", "index"),
    [
        (None, None),
        (7, None),
        ("", None),
        (lvs_cf(80), "0"),
        (lvs_cf(80), True),
        (lvs_cf(80), 1),
        (lvs_cf(80), -1),
    ],
)
def test_what_is_no_question_is_refused(text: Any, index: Any) -> None:
    assert refusal(text, index)


def test_two_virtual_servers_are_refused() -> None:
    assert "exactly one virtual server" in refusal(lvs_cf(80) + lvs_cf(80).replace("serial_no = 1", ""))


def test_more_servers_than_are_tested_at_a_time_are_refused() -> None:
    assert "17 servers are too many" in refusal(lvs_cf(80, servers=17))


def test_no_more_tests_run_at_a_time_than_it_says() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def run() -> list[Any]:
        async with serving(silent) as port:
            asked = CheckTest(prober())
            question = {"text": lvs_cf(port, 'expect = "220"', "timeout = 1"), "index": None}
            asking = (asked.test(question) for _ in range(AT_ONCE + 1))
            answers: list[Any] = await asyncio.gather(*asking, return_exceptions=True)
            # They have ended: the next is answered again.
            return [*answers, await asked.test(question)]

    *first, beyond, last = asyncio.run(run())
    assert isinstance(beyond, VerbRefused)
    assert "already running" in str(beyond)
    assert all(isinstance(answer, dict) for answer in (*first, last))


def test_a_long_time_out_is_cut_and_that_is_said() -> None:
    check = one_check(greet, "timeout = 600", 'expect = "220"')
    assert check["outcome"] == "passed"
    assert check["steps"][0] == {"at_ms": 0.0, "text": f"timeout: {LIMIT_S} s for this test, otherwise 600 s"}


@pytest.mark.parametrize(("kind", "handler"), [("redis", gossip), ("http", gossip_of_the_web)])
def test_a_password_is_in_no_step_and_no_sentence_even_if_the_server_says_it(kind: str, handler: Handler) -> None:
    lines = (f"check = {kind}", "check_user = probe", f'check_password = "{PASSWORD}"')
    check = one_check(handler, *lines)
    text = json.dumps(check)
    assert check["outcome"] == "failed"
    # Of an answer that is not HTTP, no more is shown than a status would take.
    assert (COVER in json.loads(text)["message"]) is (kind == "redis")
    assert PASSWORD not in text
    assert "cHJvYmU6aHVudGVy" not in text


@pytest.mark.kernel
def test_the_daemon_answers_it_over_its_socket(cluster: Cluster, director: Director, tmp_path: Path) -> None:
    director.start()
    text = lvs_cf(80, 'expect = "HTTP"', 'send = "GET / HTTP/1.0\\r\\n\\r\\n"', address="10.37.0.11")
    report: TrialReport = ask(director.socket, "test", {"text": text, "index": None}, timeout_s=28)
    assert report["servers"][0]["checks"][0]["outcome"] == "passed", report
