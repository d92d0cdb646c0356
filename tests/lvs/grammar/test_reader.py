"""Reading tolerantly: what Piranha accepted, what people write besides, and every problem at once."""

from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.grammar.reader import ConfigReader, parse
from app.lvs.grammar.writer import render
from app.lvs.model.config import Config
from app.lvs.model.problem import Problem, Severity
from app.lvs.model.schedulers import Scheduler, SchedulerFlag
from app.lvs.model.values import Floating, Prefix
from tests.lvs.messy import messy_files
from tests.lvs.strategies import configs

CASES = Path(__file__).parents[1] / "cases"
SAMPLES = Path(__file__).parents[4] / "shared" / "lvs.cf"
TEMPLATE = "18-template-jinja-web-ftp-fwmark21.cf"


def accepted(text: str) -> Config:
    reading = parse(text.encode())
    assert reading.config is not None, reading.problems
    return reading.config


def problems(text: str) -> tuple[Problem, ...]:
    return parse(text.encode()).problems


def in_virtual(line: str) -> Any:
    return accepted(f"virtual a {{\n{line}\n}}\n").virtual[0]


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("port = 81 # a comment", "port", 81),
        ("port=81", "port", 81),
        ("port= 81", "port", 81),
        ("port =81#", None, None),
        ('expect = "OK" ', "expect", "OK"),
        ('expect = "OK"   # it answers', "expect", "OK"),
        ('expect = "GET /" # it\'s "so" said', "expect", "GET /"),
        ('expect = "a b\\" c"', "expect", 'a b" c'),
        ('send = "GET / HTTP/1.0\\r\\n\\r\\n" # x', "send", "GET / HTTP/1.0\\r\\n\\r\\n"),
        ("send = 'QUIT'", "send", "'QUIT'"),
        ("expect = #x", "expect", "#x"),
        ("expect = ''", "expect", "''"),
        ('expect = ""', "expect", ""),
        ("address = 10.1 eth0:1", "address", Floating(IPv4Address("10.0.0.1"), "eth0:1")),
        ("address = fd00::1 eth0 # six", "address", Floating(IPv6Address("fd00::1"), "eth0")),
        ("vip_nmask = /64", "vip_nmask", Prefix(64)),
        ("vip_nmask = 255.255", "vip_nmask", IPv4Address("255.0.0.255")),
        ("pmask = banana", "pmask", None),
        ("scheduler = mh", "scheduler", Scheduler.MH),
        (
            "scheduler_flags = mh-port,mh-fallback",
            "scheduler_flags",
            (SchedulerFlag.MH_PORT, SchedulerFlag.MH_FALLBACK),
        ),
        ("dirs = [ /a '/b c' ] # x", "dirs", ("/a", "/b c")),
        ("fwmark = 4294967295", "fwmark", 4294967295),
        ("timeout = 4294967306", "timeout", 10),
    ],
)
def test_it_reads_the_value(line: str, key: str | None, value: object) -> None:
    if key is None:
        assert parse(f"virtual a {{\n{line}\n}}\n".encode()).config is None
    else:
        assert getattr(in_virtual(line), key) == value


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("virtual a {", "a"),
        ("virtual a{", "a"),
        ("virtual a{ # x", "a"),
        ("virtual www.example.org{ #x", "www.example.org"),
        ('virtual "a b" { # x', "a b"),
        ('virtual "" {', ""),
        ("virtual {x {", "{x"),
    ],
)
def test_it_reads_the_name(header: str, name: str) -> None:
    assert accepted(f"{header}\n}}\n").virtual[0].name == name


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_it_takes_every_line_end(line_end: str) -> None:
    config = accepted(
        line_end.join(["\ufeffserial_no = 3", "virtual a {", "  port = 81", "}", "keepalive = 9", ""])
    )
    assert (config.serial_no, config.virtual[0].port, config.keepalive) == (3, 81, 9)


def test_it_reads_latin_1_where_a_file_is_not_utf_8() -> None:
    data = "virtual caf\xe9 {\n}\n".encode("latin-1")
    config = parse(data).config
    assert config is not None
    assert config.virtual[0].name == "caf\xe9"
    assert render(config) == data


def test_it_keeps_unknown_keys_and_blocks_with_a_warning() -> None:
    text = "global_defs {\n  mail a@b\n  inner {\n  }\n}\nKeepalive = 7\nvirtual a {\n  reentry_time = 3\n}\n"
    reading = parse(text.encode())
    assert reading.config is not None
    assert [(found.severity, found.line) for found in reading.problems] == [
        (Severity.WARNING, 1),
        (Severity.WARNING, 6),
        (Severity.WARNING, 8),
    ]
    assert "did you mean keepalive" in reading.problems[1].message
    assert render(reading.config) == text.encode()


@pytest.mark.parametrize(
    ("text", "line", "column", "path", "said"),
    [
        ("keepalive = six\n", 1, 13, ("keepalive",), "integer"),
        ("heartbeat = yes\n", 1, 13, ("heartbeat",), "must be 0 or 1"),
        ("network = NAT\n", 1, 11, ("network",), "nat|direct|tunnel"),
        ("primary = router1\n", 1, 11, ("primary",), "write the address"),
        ("heartbeat_port = http\n", 1, 18, ("heartbeat_port",), "number"),
        ("keepalive\n", 1, 10, ("keepalive",), "="),
        ("keepalive =\n", 1, 12, ("keepalive",), "no value"),
        ("keepalive = # six\n", 1, 12, ("keepalive",), "no value"),
        ("active_cmd = /bin/true a\n", 1, 24, ("active_cmd",), "quote text with blanks"),
        ('active_cmd = "/bin/true\n', 1, 14, ("active_cmd",), "quote"),
        ('"keepalive = 3\n', 1, 1, (), "cannot begin with a quote"),
        ("nat_router = 10.0.0.1\n", 1, 14, ("nat_router",), "device"),
        ("keepalive = 3\n}\n", 2, 1, (), "closes nothing"),
        ("virtual {\n}\n", 1, 1, ("virtual", 0), "no name"),
        ("virtual a b {\n}\n", 1, 11, ("virtual", 0), "more than one word"),
        ("virtual a\n{\n}\n", 1, 1, ("virtual", 0), "does not end in {"),
        ("virtual a {\nvirtual b {\n}\n", 1, 1, ("virtual", 0), "not closed"),
        ("keepalive = 3\nserver a {\n}\n", 2, 1, (), "belongs in a virtual"),
        ("failover a {\n}\nvirtual b {\nport = x\n}\n", 4, 8, ("virtual", 0, "port"), "number"),
        ("virtual b {\nserver c {\nweight = x\n", 3, 10, ("virtual", 0, "server", 0, "weight"), "integer"),
        ("virtual a {\nserver b {\nserver c {\n}\n}\n", 2, 1, ("virtual", 0, "server", 0), "not closed"),
        ("global_defs {\nx\n", 1, 1, (), "not closed"),
        ("\x7fELF something\n", 1, 1, (), "right file"),
        ("", 1, 1, (), "empty"),
    ],
)  # fmt: skip
def test_it_refuses_with_place_and_advice(
    text: str, line: int, column: int, path: tuple[str | int, ...], said: str
) -> None:
    reading = parse(text.encode())
    assert reading.config is None
    errors = [found for found in reading.problems if found.severity is Severity.ERROR]
    assert any(
        (found.line, found.column, found.path) == (line, column, path) and said in found.message
        for found in errors
    ), errors


def test_it_names_every_problem_of_a_file_at_once() -> None:
    text = "keepalive = x\nvirtual a {\nport = y\nserver b {\nweight = z\n}\n}\nvirtual c {\nactive = 7\n}\n"
    assert [found.line for found in problems(text)] == [1, 3, 5, 9]


def test_it_warns_of_a_key_that_is_set_again_and_takes_the_last() -> None:
    reading = parse(b"keepalive = 3\nvirtual a {\n}\nkeepalive = 4\n")
    assert reading.config is not None
    assert reading.config.keepalive == 4
    assert [(found.line, found.path) for found in reading.problems] == [(4, ("keepalive",))]


def test_a_server_before_the_port_has_the_port_so_far() -> None:
    reading = parse(b"virtual a {\nserver b {\n}\nport = 81\nserver c {\n}\n}\n")
    assert reading.config is not None
    assert [server.port for server in reading.config.virtual[0].server] == [80, None]
    assert [found.path for found in reading.problems] == [("virtual", 0, "server", 0, "port")]


def test_the_last_braces_may_be_missing() -> None:
    reading = parse(b"virtual a {\nserver b {\nweight = 3\n")
    assert reading.config is not None
    assert reading.config.virtual[0].server[0].weight == 3
    assert [found.severity for found in reading.problems] == [Severity.WARNING]


def test_what_follows_a_nul_byte_is_not_read() -> None:
    reading = parse(b"keepalive = 3\n\0keepalive = 4\n")
    assert reading.config is not None
    assert reading.config.keepalive == 3
    assert [(found.severity, found.line) for found in reading.problems] == [(Severity.WARNING, 2)]


def _sample_files() -> list[Path]:
    return [path for folder in (CASES, SAMPLES) for path in sorted(folder.glob("*.cf")) if path.name != TEMPLATE]


class _Http:
    def host(self, text: str) -> IPv4Address | None:
        return None

    def service(self, text: str) -> int | None:
        return {"http": 80}.get(text)


@pytest.mark.parametrize("path", _sample_files(), ids=lambda path: path.name)
def test_it_loads_real_files_and_writes_them_back(path: Path) -> None:
    data = path.read_bytes()
    reading = parse(data, _Http())
    assert reading.config is not None, reading.problems
    assert render(reading.config) == data


@pytest.mark.parametrize("name", ["complete.cf", "tutorial.cf"])
def test_a_truncated_file_is_a_shorter_one_or_is_refused_with_its_place(name: str) -> None:
    data = (CASES / name).read_bytes()
    whole = parse(data).config
    assert whole is not None
    for size in range(len(data)):
        reading = parse(data[:size])
        if reading.config is None:
            assert any(found.severity is Severity.ERROR and found.line for found in reading.problems)
        else:
            assert len(reading.config.virtual) <= len(whole.virtual)
            assert render(reading.config) == data[:size]


@given(st.one_of(st.binary(max_size=300), messy_files()))
def test_no_input_crashes_it_and_an_error_leaves_no_configuration(data: bytes) -> None:
    reading = parse(data)
    assert (reading.config is None) == any(found.severity is Severity.ERROR for found in reading.problems)
    assert all(found.line > 0 and found.column > 0 for found in reading.problems)


@given(configs(max_virtuals=4), st.data())
def test_reading_again_keeps_the_objects_of_unchanged_blocks(config: Config, data: st.DataObject) -> None:
    text = render(config)
    reader = ConfigReader()
    before = reader.read(text).config
    changed = (
        text.replace(b"weight = ", b"weight = 1", 1) if data.draw(st.booleans()) else b"keepalive = 3\n" + text
    )
    again = reader.read(changed)
    assert again == parse(changed)
    assert before is not None
    if again.config is not None:
        pairs = zip(before.virtual, again.config.virtual, strict=True)
        assert sum(old is not new for old, new in pairs) <= 1


def test_reading_again_moves_the_lines_of_problems() -> None:
    reader = ConfigReader()
    reader.read(b"virtual a {\nport = x\n}\n")
    (problem,) = reader.read(b"\n\nvirtual b {\n}\nvirtual a {\nport = x\n}\n").problems
    assert (problem.line, problem.path) == (6, ("virtual", 1, "port"))


def test_reading_again_looks_host_names_up_again() -> None:
    class Moving:
        address = 1

        def host(self, text: str) -> IPv4Address | None:
            self.address += 1
            return IPv4Address(self.address)

        def service(self, text: str) -> int | None:
            return None

    reader = ConfigReader(Moving())
    data = b"virtual a {\nserver b {\naddress = web1\n}\n}\n"
    configs_read = [reader.read(data).config for _ in range(2)]
    assert configs_read[0] != configs_read[1]


def test_a_templates_placeholder_is_kept_and_its_key_counts_as_absent() -> None:
    data = b"primary = {{ router.ip }}\nvirtual web {\n     address = {{ vip }} eth0:1\n     port = 80\n}\n"
    reading = parse(data)
    assert reading.config is not None
    assert reading.config.primary is None
    assert reading.config.virtual[0].address is None
    assert reading.config.virtual[0].port == 80
    assert [problem.severity for problem in reading.problems] == [Severity.WARNING] * 2
    assert render(reading.config) == data


def test_what_a_nul_byte_cuts_off_is_told_at_the_line_where_it_is() -> None:
    [found] = parse(b"keepalive = 3\n\0rest").problems
    assert (found.line, found.column, found.severity) == (2, 1, Severity.WARNING)
