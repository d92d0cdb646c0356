"""A file that is Latin-1 becomes UTF-8 by one letter Latin-1 does not have: what this changes is said before."""

from dataclasses import replace
from typing import Any

import pytest

from app.lvs.checks.from_config import checks_of
from app.lvs.grammar.reader import parse
from app.lvs.grammar.writer import render
from app.lvs.model.config import Config
from app.lvs.model.problem import Problem, Severity
from app.lvs.model.values import Network
from app.lvs.rules.rulebook import check

TEXT = """serial_no = 1
service = lvs
virtual one {
    address = 192.0.2.1 eth0:1
    port = 80
    active = 1
    send = "gr\xfcn"
    expect = "ok"
    server first {
        address = 192.0.2.11
        active = 1
    }
}
virtual two {
    address = 192.0.2.2 eth0:2
    port = 80
}
"""


def read(data: bytes) -> Config:
    config = parse(data).config
    assert config is not None
    return config


def found(config: Config) -> list[Problem]:
    return [problem for problem in check(config) if "Latin-1" in problem.message]


def changed(config: Config, path: tuple[str | int, ...], text: str) -> Config:
    """Return `config` with a new text in a place."""
    one, two = config.virtual
    new: dict[str, Any] = {str(path[-1]): text}
    match path:
        case ("virtual", 0, "server", 0, _):
            server = replace(one.server[0], **new)
            return replace(config, virtual=(replace(one, server=(server,)), two))
        case ("virtual", 1, _):
            return replace(config, virtual=(one, replace(two, **new)))
    return replace(config, **new)


LATIN1 = read(TEXT.encode("latin-1"))


def sent(config: Config) -> bytes:
    virtual = config.virtual[0]
    return checks_of(virtual, virtual.server[0], Network.DIRECT)[0].send


@pytest.mark.parametrize(
    "path",
    [
        ("mail_from",),
        ("virtual", 1, "name"),
        ("virtual", 1, "expect"),
        ("virtual", 0, "server", 0, "name"),
        ("virtual", 0, "server", 0, "admin_reason"),
    ],
)
def test_a_letter_beyond_latin_1_is_warned_of_where_it_stands(path: tuple[str | int, ...]) -> None:
    new = changed(LATIN1, path, "5 €")
    [problem] = found(new)
    assert (problem.severity, problem.path) == (Severity.WARNING, path)
    assert "'€' does not exist in Latin-1" in problem.message
    assert "the bytes of send of 'one'" in problem.message
    assert (sent(LATIN1), sent(read(render(new)))) == ("grün".encode("latin-1"), "grün".encode())


def test_a_letter_of_latin_1_changes_nothing_and_is_not_warned_of() -> None:
    new = changed(LATIN1, ("mail_from",), "größe")
    assert found(new) == []
    assert sent(read(render(new))) == sent(LATIN1)


def test_where_nothing_is_sent_that_would_change_it_is_not_warned_of() -> None:
    assert found(changed(read(TEXT.encode()), ("mail_from",), "5 €")) == []
    plain = read((TEXT.replace("gr\xfcn", "green") + "# caf\xe9\n").encode("latin-1"))
    assert plain.layout is not None
    assert plain.layout.is_latin1
    assert found(changed(plain, ("mail_from",), "5 €")) == []


def test_many_texts_are_counted() -> None:
    blocks = "".join(f'virtual v{n} {{\n    send = "gr\xfcn"\n}}\n' for n in range(9))
    config = read((TEXT + blocks).encode("latin-1"))
    new = replace(config, mail_from="€")
    [problem] = found(new)
    assert "send of 'v1' and 7 more" in problem.message
