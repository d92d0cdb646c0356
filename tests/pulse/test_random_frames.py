"""A hostile web part at the control socket of a real pulse: it gets a sentence for whatever it sends."""

import json
import random
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.host.control_client import ask
from app.pulse.process.control import REQUEST_MAX
from lab.cluster import Cluster
from tests.pulse.director import Director
from tests.pulse.web_service_cf import lvs_cf

pytestmark = pytest.mark.kernel

FRAMES, SETTLED = 4000, 500
GROWTH_MAX = 16 << 20
ANSWERED_WITHIN_S = 10.0
"""Thousands of times what an answer takes, in this slow kernel."""
VERBS = (
    *("status", "table", "look", "plan", "drift", "test", "connections", "events", "history", "table_at", "held"),
    *("verdicts", "switch", "", "Status", "statu", "status\0", "__class__", "../../etc/passwd", "$(reboot)"),
)
KEYS = (
    *(
        "service",
        "server",
        "span_s",
        "shares",
        "recent",
        "at",
        "positions",
        "serial_no",
        "virtual",
        "real",
        "kind",
    ),
    *("after", "limit", "anyway", "tab", "sort", "search", "first", "count", "config", "partner", "since", "verb"),
)
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        0,
        -1,
        1,
        2**31,
        2**64,
        10**400,
        -0.0,
        1e308,
        float("nan"),
        float("inf"),
        [],
        {},
        [[]],
        {"": {}},
    ),
    *("", "x", "\0", "\ud800", "é" * 300, "x" * 5000, "10.36.0.10:80", "tcp 10.36.0.10:80", "../../etc/passwd"),
    *("tcp [::]:99999", "fwmark 4294967296", "$(reboot)", "%s%n", [0] * 500, ["tcp 10.36.0.10:80"] * 300, [None]),
    *([[1, [2, [3]]]], {"a": [1]}, list(range(-5, 5)), "2026-02-30", "1e999", "٣", "-r 10.36.0.11:80"),
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as built:
        yield built


def frame(chance: random.Random) -> bytes:
    """Return something like a request, or nothing like one."""
    document: dict[str, Any] = {"verb": chance.choice(VERBS)}
    for _ in range(chance.randrange(4)):
        document[chance.choice(KEYS)] = chance.choice(VALUES)
    line = json.dumps(document).encode()
    match chance.randrange(10):
        case 0:
            return chance.randbytes(chance.randrange(200))
        case 1:
            return line[: chance.randrange(len(line))]
        case 2 | 3:
            mangled = bytearray(line)
            for _ in range(chance.randrange(1, 5)):
                mangled[chance.randrange(len(mangled))] = chance.randrange(256)
            return bytes(mangled) + b"\n"
        case 4:
            return (
                chance.choice((b"[" * 60_000, b'{"a":' * 12_000, b"1" * 60_000, b"null", b'"status"', b"")) + b"\n"
            )
        case 5 if chance.randrange(20) == 0:
            return b"x" * (2 * REQUEST_MAX)
        case _:
            return line + b"\n" + line * chance.randrange(2)


def send(path: Path, sent: bytes, *, waits: bool) -> bytes:
    """Send it, and return all that comes back where `waits`."""
    got = b""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(ANSWERED_WITHIN_S)
        client.connect(str(path))
        # It may close before all is sent.
        with suppress(BrokenPipeError, ConnectionResetError):
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while waits and (piece := client.recv(1 << 16)):
                got += piece
    return got


def memory(pid: int) -> int:
    """Return how many bytes of memory the process has."""
    return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) << 10


def test_whatever_is_sent_is_answered_with_a_sentence_and_pulse_goes_on(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1))
    pid, table = director.status()["pid"], director.run("ipvsadm", "-Sn")
    seed = random.randrange(2**32)
    chance, settled, answers = random.Random(seed), 0, 0
    for number in range(FRAMES):
        sent = frame(chance)
        waits = chance.randrange(10) > 0
        got = send(director.socket, sent, waits=waits)
        # Whoever sends more than a request may have is sure of no more than an end.
        assert got or not waits or len(sent) > REQUEST_MAX, f"no answer, seed {seed}: {sent[:300]!r}"
        if got:
            answer = json.loads(got)
            assert answer["ok"] or answer["error"], f"seed {seed}: {sent[:300]!r}"
            assert "unexpected error" not in answer.get("error", ""), (
                f"seed {seed}: {sent[:300]!r}: {director.log.read_text()}"
            )
            answers += 1
        if number == SETTLED:
            settled = memory(pid)
    assert answers > FRAMES / 2
    assert memory(pid) - settled < GROWTH_MAX
    assert director.status()["pid"] == pid
    assert director.run("ipvsadm", "-Sn") == table
    assert "Traceback" not in director.log.read_text()


def test_an_unknown_verb_is_told_those_there_are(director: Director) -> None:
    director.start()
    answer = json.loads(send(director.socket, b'{"verb": "reboot"}\n', waits=True))
    assert not answer["ok"]
    assert "send one line of JSON with a verb of status, " in answer["error"]
    assert ask(director.socket, "status", timeout_s=ANSWERED_WITHIN_S)["pid"]
