"""The keyword table and the model are one: each key has its field, of its type."""

import dataclasses
import typing
from dataclasses import replace

import pytest

from app.lvs.formats.form_text import parse_field
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind, Keyword, ValueKind
from app.lvs.model.layout import SourceText
from app.lvs.model.values import Address, Floating, Netmask
from app.lvs.piranha.compatibility import beyond_piranha
from tests.lvs.samples import config, server, virtual

_MODELS = {
    BlockKind.GLOBAL: Config,
    BlockKind.VIRTUAL: VirtualServer,
    BlockKind.FAILOVER: VirtualServer,
    BlockKind.SERVER: RealServer,
}
_STRUCTURE = {"name", "server", "virtual", "failover", "layout"}
_TYPES: dict[ValueKind, object] = {
    ValueKind.INTEGER: int,
    ValueKind.PORT: int,
    ValueKind.BOOLEAN: bool,
    ValueKind.ADDRESS: Address,
    ValueKind.FLOATING: Floating,
    ValueKind.NETMASK: Netmask,
    ValueKind.TEXT: str,
    ValueKind.QUOTED: str,
    ValueKind.WORDS: tuple[str, ...],
}
_ROWS = [(place, keyword) for place, keywords in KEYWORDS.items() for keyword in keywords.values()]


@pytest.mark.parametrize("place", list(BlockKind))
def test_every_field_is_a_key_and_every_key_a_field(place: BlockKind) -> None:
    fields = {field.name for field in dataclasses.fields(_MODELS[place])}
    assert fields - _STRUCTURE == set(KEYWORDS[place])


@pytest.mark.parametrize(("place", "keyword"), _ROWS, ids=lambda row: getattr(row, "name", row))
def test_a_field_has_the_type_of_its_key(place: BlockKind, keyword: Keyword) -> None:
    found = typing.get_type_hints(_MODELS[place], {**vars(typing), "SourceText": SourceText})[keyword.name]
    expected: object
    if keyword.kind is ValueKind.CHOICE:
        expected = keyword.choices
    elif keyword.kind is ValueKind.CHOICES:
        expected = tuple[keyword.choices, ...]  # type: ignore[name-defined]
    else:
        expected = _TYPES[keyword.kind]
    assert found == typing.Optional[expected]  # noqa: UP045 - built at run time


@pytest.mark.parametrize(("place", "keyword"), _ROWS, ids=lambda row: getattr(row, "name", row))
def test_a_choice_names_its_words_and_nothing_else_does(place: BlockKind, keyword: Keyword) -> None:
    assert (keyword.choices is not None) == (keyword.kind in (ValueKind.CHOICE, ValueKind.CHOICES))


_OURS = [(place, keyword) for place, keyword in _ROWS if place is not BlockKind.FAILOVER and not keyword.piranha]
_EXAMPLES = {ValueKind.BOOLEAN: "1", ValueKind.ADDRESS: "192.0.2.9", ValueKind.TEXT: "x", ValueKind.QUOTED: "a b"}


@pytest.mark.parametrize(("place", "keyword"), _OURS, ids=lambda row: getattr(row, "name", row))
def test_a_key_of_ours_is_marked_as_beyond_piranha(place: BlockKind, keyword: Keyword) -> None:
    example = str(next(iter(keyword.choices))) if keyword.choices else _EXAMPLES.get(keyword.kind, "1")
    value = parse_field(keyword, example)
    match place:
        case BlockKind.GLOBAL:
            configuration = replace(config(), **{keyword.name: value})  # type: ignore[arg-type]
        case BlockKind.SERVER:
            configuration = config(virtual(server=(replace(server(), **{keyword.name: value}),)))  # type: ignore[arg-type]
        case _:
            configuration = config(virtual(**{keyword.name: value}))
    reason = f"unknown command: {keyword.name} is not a key Piranha knows in this place"
    assert reason in [why for _, why in beyond_piranha(configuration)]


def test_an_agent_for_the_load_is_marked_as_beyond_piranha() -> None:
    plain = virtual(vip_nmask=None)
    assert beyond_piranha(config(replace(plain, load_monitor="rup"))) == []
    ((_, why),) = beyond_piranha(config(replace(plain, load_monitor="agent")))
    assert why.startswith("load_monitor is agent: Piranha would try to run")
