"""Writing: Piranha's layout for what is new, the file's own text for what it had."""

from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from app.lvs.grammar.reader import parse
from app.lvs.grammar.value_writer import Unwritable, why_unwritable
from app.lvs.grammar.writer import Writer, render
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.layout import SourceText
from app.lvs.model.values import Floating, Network
from app.lvs.piranha.compatibility import beyond_piranha

CASES = Path(__file__).parents[1] / "cases"


def case(name: str) -> Config:
    return read((CASES / name).read_bytes())


def read(data: bytes) -> Config:
    config = parse(data).config
    assert config is not None
    return config


def without_layout(block: Any) -> Any:
    inner = {key: tuple(map(without_layout, getattr(block, key, ()))) for key in ("server", "virtual", "failover")}
    return replace(block, layout=None, **{key: blocks for key, blocks in inner.items() if hasattr(block, key)})


def test_it_writes_piranhas_own_order_and_layout() -> None:
    config = without_layout(case("complete.cf"))
    assert render(config) == (CASES / "complete.cf").read_bytes()


def test_our_keys_come_behind_piranhas_and_the_port_before_the_servers() -> None:
    virtual = VirtualServer(
        name="a", network=Network.NAT, quiesce_server=False, port=81, server=(RealServer(name="b"),)
    )
    assert render(Config(serial_no=1, virtual=(virtual,))).decode().splitlines()[1:] == [
        "virtual a {",
        "     port = 81",
        "     quiesce_server = 0",
        "     network = nat",
        "     server b {",
        "     }",
        "}",
    ]


def test_an_edit_changes_only_what_was_edited() -> None:
    config = case("tutorial.cf")
    (shop,) = config.virtual
    second = replace(shop.server[1], name="second", active=True)
    third = RealServer(name="three", address=IPv4Address("10.1.0.3"), weight=2)
    shop = replace(
        shop,
        active=False,
        address=Floating(IPv4Address("192.168.7.101"), "eth0:1"),
        expect='it\'s "so" said',
        timeout=9,
        server=(second, third),
    )
    edited = replace(config, serial_no=5, deadtime=18, virtual=(shop,))
    assert render(edited).decode() == (CASES / "tutorial-edited.cf").read_text()


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        (b"keepalive = 3 # x\r\n", {"keepalive": 4, "deadtime": 9}, b"keepalive = 4 # x\r\ndeadtime = 9\r\n"),
        (b"keepalive = 3\nkeepalive = 4\n", {"keepalive": 5}, b"keepalive = 3\nkeepalive = 5\n"),
        (b"keepalive = 3\nkeepalive = 4\n", {"keepalive": None}, b""),
        (b"deadtime = 9", {"keepalive": 4}, b"keepalive = 4\ndeadtime = 9"),
        (b"keepalive = 9", {"deadtime": 4}, b"keepalive = 9\ndeadtime = 4\n"),
        (b"\xef\xbb\xbf# x\n", {"keepalive": 4}, b"\xef\xbb\xbf# x\nkeepalive = 4\n"),
        (b"\xef\xbb\xbfkeepalive = 3\n", {"keepalive": 4}, b"\xef\xbb\xbfkeepalive = 4\n"),
        (b"\xef\xbb\xbfdeadtime = 3\n", {"keepalive": 4}, b"\xef\xbb\xbfkeepalive = 4\ndeadtime = 3\n"),
        (b"keepalive = 9\n\0x", {"deadtime": 4}, b"keepalive = 9\ndeadtime = 4\n\0x"),
        (b"rsh_command = ssh # x\n", {"rsh_command": "a b"}, b'rsh_command = "a b" # x\n'),
        (b"rsh_command = ssh # x\n", {"rsh_command": "#"}, b'rsh_command = "#" # x\n'),
    ],
)
def test_it_puts_a_change_into_its_line(before: bytes, change: dict[str, Any], after: bytes) -> None:
    assert render(replace(read(before), **change)) in (after, after or render(Config()))


def test_blocks_take_the_comments_above_them_along() -> None:
    config = read(b"# head\n\n# one\nvirtual a {\n}\n\n# two\nvirtual b {\n}\nkeepalive = 3\n")
    moved = replace(config, virtual=(config.virtual[1], config.virtual[0]))
    assert render(moved) == b"# head\n\n# two\nvirtual b {\n}\n\n# one\nvirtual a {\n}\nkeepalive = 3\n"
    assert (
        render(replace(config, virtual=config.virtual[1:])) == b"# head\n\n# two\nvirtual b {\n}\nkeepalive = 3\n"
    )


def test_it_closes_what_the_file_left_open_once_something_follows() -> None:
    config = read(b"virtual a {\nserver b {\n")
    added = replace(config, virtual=(*config.virtual, VirtualServer(name="c")))
    assert render(added) == b"virtual a {\nserver b {\n     }\n}\nvirtual c {\n}\n"


def test_a_port_behind_the_servers_moves_before_them_when_it_changes() -> None:
    config = read(b"virtual a {\nserver b {\n}\nport = 81\n}\n")
    virtual = replace(config.virtual[0], port=82)
    changed = replace(config, virtual=(virtual,))
    assert read(render(changed)) == changed
    assert render(changed).index(b"port = 82") < render(changed).index(b"server b")


def test_an_empty_configuration_is_written_as_a_file_that_loads() -> None:
    assert read(render(Config())) == Config()


def test_a_latin_1_file_becomes_utf_8_when_a_text_needs_it() -> None:
    config = read("# caf\xe9\n".encode("latin-1"))
    assert render(replace(config, rsh_command="caf\xe9")) == "# caf\xe9\nrsh_command = caf\xe9\n".encode("latin-1")
    assert render(replace(config, rsh_command="€")) == "# caf\xe9\nrsh_command = €\n".encode()


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\0b", "\ud800"])
def test_it_cannot_write_a_text_that_would_break_out_of_its_line(text: str) -> None:
    for key in ("send", "load_monitor"):
        assert why_unwritable(KEYWORDS[BlockKind.VIRTUAL][key], text)
        with pytest.raises(Unwritable):
            render(Config(virtual=(VirtualServer(name="a", **{key: text}),)))  # type: ignore[arg-type]
    with pytest.raises(Unwritable):
        render(Config(virtual=(VirtualServer(name=text),)))


def test_writing_again_uses_the_text_of_the_same_objects() -> None:
    config = case("complete.cf")
    writer = Writer()
    writer.render(config)
    changed = replace(config, virtual=(replace(config.virtual[0], timeout=9), *config.virtual[1:]))
    assert writer.render(changed) == render(changed)
    assert writer.render(config) == render(config)


def test_a_layout_of_another_kind_of_block_is_not_used() -> None:
    layout = SourceText(BlockKind.FAILOVER, ("failover a {\n}\n",), name="a")
    assert render(Config(virtual=(VirtualServer(name="a", layout=layout),))) == b"virtual a {\n}\n"


def test_a_file_of_piranhas_has_nothing_beyond_piranha() -> None:
    assert beyond_piranha(case("complete.cf")) == []


@pytest.mark.parametrize(
    ("data", "line", "said"),
    [
        (b"primary = fd00::1\n", 1, "IPv4"),
        (b"on_stop = keep\n", 1, "not a key Piranha knows"),
        (b"colour = blue\n", 1, "not a key"),
        (b"keepalive=3\n", 1, "unknown command"),
        (b"keepalive = 3\nkeepalive = 3 # x\n", 2, "comment"),
        (b"keepalive = 3\r\n", 1, "CR"),
        (b"virtual a {\n network = nat\n}\n", 2, "not a key Piranha knows"),
        (b"virtual a {\n scheduler = mh\n}\n", 2, "rr|wlc"),
        (b"virtual a {\n pmask = /24\n}\n", 2, "ignores"),
        (b"virtual a {\n fwmark = 3000000000\n}\n", 2, "more than"),
        (b'virtual a {\n expect = "a b\\" c"\n}\n', 2, "unexpected arguments"),
        (b"virtual a{\n}\n", 1, "missing arguments"),
        (b"virtual a {\n server b {\n  upper_threshold = 3\n }\n}\n", 3, "not a key Piranha knows"),
    ],
)
def test_it_marks_the_lines_piranha_could_not_read(data: bytes, line: int, said: str) -> None:
    ((found_line, reason),) = beyond_piranha(read(data))
    assert found_line == line
    assert said in reason


def test_another_name_leaves_the_rest_of_its_line_as_it_was() -> None:
    config = read(b"virtual  old  {\n}\n")
    renamed = replace(config, virtual=(replace(config.virtual[0], name="new"),))
    assert render(renamed) == b"virtual  new  {\n}\n"


def test_in_a_block_piranha_does_not_know_each_line_but_comments_is_beyond_it() -> None:
    config = read(b"monitor {\n# why\n\n  inner = 1\n}\nkeepalive = 3\n")
    assert [line for line, _ in beyond_piranha(config)] == [1, 4, 5]
