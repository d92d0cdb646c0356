"""The configuration as JSON and back."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.formats.config_json import (
    JsonRefused,
    block_from_json,
    block_to_json,
    from_json,
    layout_from_json,
    layout_to_json,
    to_json,
)
from app.lvs.grammar.reader import parse
from app.lvs.grammar.writer import render
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind
from tests.lvs.messy import messy_files
from tests.lvs.strategies import configs, real_servers, virtual_servers

CASES = Path(__file__).parents[1] / "cases"


@given(configs())
def test_a_configuration_survives_json(config: Config) -> None:
    assert from_json(json.loads(json.dumps(to_json(config)))) == config


@given(st.one_of(real_servers(), virtual_servers(max_servers=0)))
def test_a_block_survives_json(block: Any) -> None:
    place = BlockKind.SERVER if isinstance(block, RealServer) else BlockKind.VIRTUAL
    assert block_from_json(place, json.loads(json.dumps(block_to_json(block)))) == block


def _with_json_layouts(block: Any) -> Any:
    layout = block.layout and layout_from_json(json.loads(json.dumps(layout_to_json(block.layout))))
    inner = {
        key: tuple(map(_with_json_layouts, getattr(block, key)))
        for key in ("server", "virtual", "failover")
        if hasattr(block, key)
    }
    return replace(block, layout=layout, **inner)


@given(messy_files())
def test_a_layout_survives_json(data: bytes) -> None:
    config = parse(data).config
    if config is not None:
        assert render(_with_json_layouts(config)) == data.partition(b"\0")[0]


def test_it_uses_the_words_of_lvs_cf() -> None:
    config = parse((CASES / "complete.cf").read_bytes()).config
    assert config is not None
    document = to_json(config)
    assert document["serial_no"] == 7
    assert document["backup_active"] is True
    assert document["nat_router"] == "10.1.0.254 eth1:1"
    shop = document["virtual"][0]
    assert (shop["name"], shop["scheduler"], shop["pmask"]) == ("shop", "wlc", "255.255.255.0")
    assert shop["server"][1] == {"name": "two", "address": "10.1.0.2", "active": False, "port": 8080, "weight": 3}
    assert "layout" not in shop


def test_what_is_left_out_is_not_set() -> None:
    assert from_json({}) == Config()
    assert from_json({"virtual": [{"name": "a"}]}) == Config(virtual=(VirtualServer(name="a"),))


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ([], ()),
        ({"colour": 1}, ("colour",)),
        ({"layout": []}, ("layout",)),
        ({"keepalive": "3"}, ("keepalive",)),
        ({"keepalive": True}, ("keepalive",)),
        ({"keepalive": 10**30}, ("keepalive",)),
        ({"heartbeat": 1}, ("heartbeat",)),
        ({"primary": "router1"}, ("primary",)),
        ({"primary": 1}, ("primary",)),
        ({"nat_router": "10.0.0.1"}, ("nat_router",)),
        ({"network": "NAT"}, ("network",)),
        ({"rsh_command": "a\nb"}, ("rsh_command",)),
        ({"virtual": {}}, ("virtual",)),
        ({"virtual": [{}]}, ("virtual", 0, "name")),
        ({"virtual": [{"name": "a\nb"}]}, ("virtual", 0, "name")),
        (
            {"virtual": [{"name": "a", "server": [{"name": "b", "weight": 1.5}]}]},
            ("virtual", 0, "server", 0, "weight"),
        ),
    ],
)
def test_it_refuses_what_is_no_configuration_with_its_path(document: Any, path: tuple[str | int, ...]) -> None:
    with pytest.raises(JsonRefused) as refused:
        from_json(document)
    assert [problem.path for problem in refused.value.problems] == [path] or path == ()


def test_it_names_every_problem_at_once() -> None:
    with pytest.raises(JsonRefused) as refused:
        from_json({"keepalive": "x", "virtual": [{"name": "a", "port": "x"}, 7]})
    assert [problem.path for problem in refused.value.problems] == [
        ("keepalive",),
        ("virtual", 0, "port"),
        ("virtual", 1),
    ]
