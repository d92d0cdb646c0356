"""As Piranha: what its own reader accepted, and where and why it stopped."""

import json
import socket
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.grammar.reader import Reading, parse
from app.lvs.model.config import Config
from app.lvs.model.problem import Severity
from app.lvs.piranha.parser import parse_as_piranha
from tests.lvs.verdicts import globals_of, virtual_of, without_quotes

VERDICTS = Path(__file__).parents[4] / "shared" / "lvs.cf" / "original-parser-verdicts.json"


class ServiceNames:
    """The machine's own service names, and no hosts."""

    def host(self, text: str) -> IPv4Address | None:
        return None

    def service(self, text: str) -> int | None:
        try:
            return socket.getservbyname(text, "tcp")
        except OSError:
            return None


def as_piranha(text: str | bytes) -> Reading:
    return parse_as_piranha(text if isinstance(text, bytes) else text.encode(), ServiceNames())


def accepted(text: str) -> Config:
    reading = as_piranha(text)
    assert reading.config is not None, reading.problems
    return reading.config


def _verdicts() -> list[Any]:
    return json.loads(VERDICTS.read_text()) if VERDICTS.exists() else []


@pytest.mark.parametrize("case", _verdicts(), ids=lambda case: case["name"])
def test_it_judges_as_the_original_did(case: dict[str, Any]) -> None:
    reading, original = as_piranha(case["text"]), case["original"]
    if not original["ok"]:
        assert reading.config is None
        assert reading.problems[0].line == original["line"]
        assert reading.problems[0].message.startswith(original["error"] + ":")
        return
    assert reading.config is not None, reading.problems
    assert_same_values(reading.config, original)


@pytest.mark.parametrize("case", _verdicts(), ids=lambda case: case["name"])
def test_tolerant_reading_accepts_what_the_original_did_with_the_same_values(case: dict[str, Any]) -> None:
    original = case["original"]
    if not original["ok"] or "\r\n" in case["text"]:
        return
    config = parse(case["text"].encode(), ServiceNames()).config
    assert config is not None
    assert_same_values(config, original)


def assert_same_values(config: Config, original: dict[str, Any]) -> None:
    found = globals_of(config)
    assert found == {key: original[key] for key in found}
    blocks = [virtual_of(block) for block in (*config.virtual, *config.failover)]
    assert blocks == [without_quotes(answer) for answer in original["virtual"]]


@pytest.mark.parametrize(
    ("text", "line", "error"),
    [
        ("", 0, "Empty configuration"),
        ("keepalive\n", 1, "equal (=) expected after command"),
        ("keepalive =7\n", 1, "equal (=) expected after command"),
        ("keepalive == 7\n", 1, "equal (=) expected after command"),
        ("keepalive=7\n", 1, "unknown command"),
        ("keepalive = 7 # x\n", 1, "unexpected arguments"),
        ("keepalive = 7#x\n", 1, "integer expected"),
        ("keepalive = 7.5\n", 1, "integer expected"),
        ("keepalive = 08\n", 1, "integer expected"),
        ("keepalive = 0x\n", 1, "integer expected"),
        ("# a\n\n Keepalive = 7\n", 3, "unknown command"),
        ("\x0ckeepalive = 7\n", 1, "unknown command"),
        ("\ufeffkeepalive = 7\n", 1, "unknown command"),
        ("heartbeat = yes\n", 1, "integer expected"),
        ("heartbeat = 2\n", 1, "boolean expected"),
        ("network = NAT\n", 1, "invalid argument"),
        ("service = web\n", 1, "invalid argument"),
        ("primary = 0.0.0.0\n", 1, "invalid host name or ip address"),
        ("primary = 10.0.0.0/8\n", 1, "invalid argument"),
        ("primary = 10.0.0.256\n", 1, "invalid argument"),
        ("heartbeat_port = nosuchservice\n", 1, "invalid argument"),
        ("nat_nmask = /24\n", 1, "Bad subnet mask specified"),
        ("on_stop = keep\n", 1, "unknown command"),
        ('debug_level = "x" y\n', 1, "quotation mismatch"),
        ('debug_level = "x y"z\n', 1, "unexpected arguments"),
        ('debug_level = "x" \n', 1, "quotation mismatch"),
        ('debug_level = "x\n', 1, "quotation mismatch"),
        ("virtual a{\n}\n", 1, "missing arguments"),
        ("virtual a b {\n}\n", 1, "unexpected arguments"),
        ("virtual a\n{\n}\n", 1, "missing arguments"),
        ("virtual a { # x\n}\n", 1, "unexpected arguments"),
        ("}\n", 1, "unknown command"),
        ("server a {\n}\n", 1, "unknown command"),
        ("virtual a {\n}\n}\n", 3, "unknown command"),
        ("virtual a {\nvirtual b {\n}\n}\n", 2, "unknown command"),
        ("virtual a {\nkeepalive = 3\n}\n", 2, "unknown command"),
        ("virtual a {\naddress = 10.0.0.1\n}\n", 2, "missing arguments"),
        ("virtual a {\nsorry_server = 10.0.0.1:80\n}\n", 2, "invalid host name or ip address"),
        ("virtual a {\nnetwork = nat\n}\n", 2, "unknown command"),
        ("virtual a {\nscheduler = sed\n}\n", 2, "invalid argument"),
        ("virtual a {\ndirs = [ a b\n}\n", 2, "list expected"),
        ("virtual a {\nserver b {\naddress = 10.0.0.1 eth0\n}\n}\n", 3, "unexpected arguments"),
        ("virtual a {\nserver b {\nport = http\n}\n}\n", 3, "integer expected"),
        ("virtual a {\nserver b {\nserver c {\n}\n}\n}\n", 3, "unknown command"),
        # The first line of a virtual block is looked at for broken quotes, the others are not.
        ('virtual a {\nexpect = "x\n}\n', 2, "quotation mismatch"),
        ('virtual a {\nactive = 1\nexpect = "x\n}\n', 3, "missing arguments"),
        ('virtual a {\nactive = 1\n"x y\nactive = 1\n}\n', 4, "unknown command"),
        ('virtual a {\nserver b {\nactive = 1\naddress = "x\n}\n}\n', 4, "quotation mismatch"),
        # A CR anywhere ahead ends the line.
        ("keepalive = 3\ndeadtime = 9\r\n", 1, "unexpected arguments"),
    ],
)
def test_it_stops_at_the_line_and_with_the_words_of_piranha(text: str, line: int, error: str) -> None:
    reading = as_piranha(text)
    assert reading.config is None
    assert [problem.line for problem in reading.problems] == [line]
    assert reading.problems[0].message.startswith(error + ": ")


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("keepalive = 0x10\n", "keepalive", 16),
        ("keepalive = 010\n", "keepalive", 8),
        ('keepalive = "7"\n', "keepalive", 7),
        ('keepalive = ""\n', "keepalive", 0),
        ("keepalive = 4294967299\n", "keepalive", 3),
        ("keepalive = 99999999999999999999\n", "keepalive", -1),
        ("heartbeat = 01\n", "heartbeat", True),
        ("heartbeat_port = http\n", "heartbeat_port", 80),
        ("primary = 10.1\n", "primary", IPv4Address("10.0.0.1")),
        ("primary = 0x0a000001\n", "primary", IPv4Address("10.0.0.1")),
        ("nat_nmask = 255.255\n", "nat_nmask", IPv4Address("255.0.0.255")),
        ('debug_level = "a"b"\n', "debug_level", 'a"b'),
        ('debug_level = "a\\"b"\n', "debug_level", 'a\\"b'),
        ("debug_level = 'a b'\n", "debug_level", "a b"),
        ('debug_level = "a b" \n', "debug_level", "a b"),
        ('debug_level = a"b\n', "debug_level", 'a"b'),
        ("debug_level = #x\n", "debug_level", "#x"),
        ("keepalive = 3\nkeepalive = 4\n", "keepalive", 4),
        ("keepalive = 3\n\0keepalive = 4\n", "keepalive", 3),
        ("keepalive = 3\rdeadtime = 9\r", "deadtime", 9),
        ("keepalive = 3\r\ndeadtime = 9\r\n", "deadtime", None),
        ("keepalive = 3\rdeadtime = 9\n", "deadtime", 9),
    ],
)
def test_it_takes_values_as_piranha_took_them(text: str, key: str, value: object) -> None:
    assert getattr(accepted(text), key) == value


def test_a_broken_quote_behind_a_whole_statement_is_ignored_in_a_virtual_block() -> None:
    assert accepted('virtual a {\nactive = 1\nexpect = OK "x\n}\n').virtual[0].expect == "OK"


def test_a_server_before_the_port_has_the_port_so_far() -> None:
    (virtual,) = accepted("virtual a {\nserver b {\n}\nport = 81\nserver c {\n}\n}\n").virtual
    assert [server.port for server in virtual.server] == [80, None]


def test_it_says_that_of_cr_lf_lines_only_the_first_was_read() -> None:
    reading = as_piranha("keepalive = 3\r\ndeadtime = 9\r\n")
    assert [problem.severity for problem in reading.problems] == [Severity.WARNING]


@given(st.binary(max_size=200))
def test_no_input_crashes_it(data: bytes) -> None:
    reading = parse_as_piranha(data)
    assert (reading.config is None) == any(problem.severity is Severity.ERROR for problem in reading.problems)


@pytest.mark.parametrize(
    ("text", "number"),
    [("-2147483648", -(2**31)), ("-2147483649", 2**31 - 1), ("-3000000000", 1294967296), ("4294967303", 7)],
)
def test_a_number_no_int_holds_is_what_c_makes_of_it(text: str, number: int) -> None:
    assert accepted(f"keepalive = {text}\n").keepalive == number
