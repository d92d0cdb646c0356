"""What servers are sent and compared with are the bytes of the file, whatever its encoding."""

import pytest

from app.lvs.checks.check import Check
from app.lvs.checks.expect import quoted_bytes
from app.lvs.checks.from_config import checks_of
from app.lvs.grammar.reader import ConfigReader, encode, parse
from app.lvs.grammar.writer import render
from app.lvs.model.config import Config
from app.lvs.model.values import Network

LATIN1, UTF8 = "latin-1", "utf-8"
each_encoding = pytest.mark.parametrize("encoding", [LATIN1, UTF8])


def text(*keys: str) -> str:
    lines = "\n".join(keys)
    return (
        "# Lastverteiler Büro\nserial_no = 7\nnetwork = direct\nvirtual büro {\n address = 192.0.2.100 eth0:1\n"
        f" port = 80\n{lines}\n server köln {{\n  address = 192.0.2.11\n  active = 1\n }}\n}}\n"
    )


def checks(config: Config | None) -> tuple[Check, ...]:
    assert config is not None
    [virtual] = config.virtual
    return checks_of(virtual, virtual.server[0], Network.DIRECT)


def of(encoding: str, *keys: str) -> tuple[Check, ...]:
    return checks(parse(text(*keys).encode(encoding)).config)


@each_encoding
def test_send_and_expect_are_the_bytes_of_the_file(encoding: str) -> None:
    [check] = of(encoding, 'send = "GET /straße\\r\\n"', 'expect = "grün"')
    assert (check.send, check.expect) == ("GET /straße\r\n".encode(encoding), "grün".encode(encoding))


@each_encoding
def test_a_text_of_one_letter_too(encoding: str) -> None:
    [check] = of(encoding, 'send = "ü"', 'expect = "ß"')
    assert (check.send, check.expect) == ("ü".encode(encoding), "ß".encode(encoding))


@each_encoding
def test_an_additional_check_too(encoding: str) -> None:
    _, send, http = of(encoding, "also_check = \"send send=straße expect=grün; http expect='alles grün'\"")
    assert (send.send, send.expect) == ("straße".encode(encoding), "grün".encode(encoding))
    assert http.expect == "alles grün".encode(encoding)


@each_encoding
def test_an_expression_a_secret_and_the_words_of_a_program_too(encoding: str) -> None:
    [expression] = of(encoding, 'expect = "gr[üu]n"', "use_regex = 1")
    assert expression.expect == "gr[üu]n".encode(encoding)
    [radius] = of(encoding, "check = radius", 'check_secret = "geheimnisträger"')
    assert radius.secret == "geheimnisträger".encode(encoding)
    [program] = of(encoding, 'send_program = "/bin/prüfe %h straße"')
    assert program.program.encode(errors="surrogateescape") == "/bin/prüfe %h straße".encode(encoding)


def test_a_file_that_was_made_utf8_is_so_for_who_has_read_it_before() -> None:
    reader = ConfigReader()
    for encoding in (LATIN1, UTF8, LATIN1):
        [check] = checks(reader.read(text('expect = "grün"').encode(encoding)).config)
        assert check.expect == "grün".encode(encoding)


@each_encoding
def test_what_is_written_again_is_read_as_the_same_bytes(encoding: str) -> None:
    before = parse(text('send = "straße"', 'expect = "grün"').encode(encoding)).config
    assert before is not None
    assert checks(parse(render(before)).config) == checks(before)


def test_a_latin1_file_that_cannot_hold_a_letter_is_utf8_from_then_on() -> None:
    assert encode("grün €", is_latin1=True) == "grün €".encode()


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"gr\xfcn", r"'gr\xfcn'"),
        ("grün".encode(), "'grün'"),
        (b"\xc3", r"'\xc3'"),
        (b"a\r\n\0\x1b", r"'a\r\n\x00\x1b'"),
        (b"a\\xfc", r"'a\\xfc'"),
        ("\u202e\u2028".encode(), r"'\u202e\u2028'"),
        (b"x" * 61, f"'{'x' * 60}'…"),
    ],
)
def test_bytes_that_differ_are_shown_differently_and_on_one_line(data: bytes, shown: str) -> None:
    assert quoted_bytes(data) == shown
    assert shown.isprintable()
