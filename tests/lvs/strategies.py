"""Configurations for property tests: every value the model can hold and lvs.cf can say, odd texts included.

The values are not sane on purpose (rules are not obeyed); texts have no line ends and no NUL.
"""

import string
from ipaddress import IPv4Address
from typing import Any

from hypothesis import strategies as st

from app.lvs.grammar.value_reader import choices_of, integer_max
from app.lvs.grammar.value_writer import why_unwritable
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind, Keyword, ValueKind
from app.lvs.model.values import Floating, Prefix

_AWKWARD = st.sampled_from(
    list(" \t\"'\\#{}=[],;\ufeff\x0b\x0c\x1c\x85\u2028\xa0é€") + list(string.ascii_letters[:6])
)
_ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0")

texts = st.one_of(
    st.text(st.one_of(_AWKWARD, _ANY), max_size=12),
    st.sampled_from(
        ["GET / HTTP/1.0\\r\\n\\r\\n", "HTTP", "/usr/local/bin/check.sh %h", "a\\", "]", "[", "} {", "eth0:1"]
    ),
)
"""Any text a name, a command or a check can be."""

names = texts
plain_names = st.text(string.ascii_letters + string.digits + "-_.", min_size=1, max_size=8)
"""Names such as people give."""

ipv4_addresses = st.ip_addresses(v=4)
addresses = st.one_of(ipv4_addresses, st.ip_addresses(v=6))
dotted_netmasks = st.integers(0, 32).map(lambda length: IPv4Address(2**32 - 2 ** (32 - length)))
netmasks = st.one_of(ipv4_addresses, dotted_netmasks, st.integers(0, 128).map(Prefix))
_list_words = texts.filter(lambda word: why_unwritable(KEYWORDS[BlockKind.VIRTUAL]["dirs"], (word,)) is None)
_dirs = st.lists(_list_words, max_size=4).map(tuple)


def values(keyword: Keyword) -> st.SearchStrategy[Any]:
    """Every value the model can hold for `keyword`."""
    match keyword.kind:
        case ValueKind.INTEGER | ValueKind.PORT:
            low, high = keyword.low or 0, keyword.high or 1000
            usual = st.integers(low, min(high, integer_max(keyword)))
            return st.one_of(usual, st.integers(-(2**31), integer_max(keyword)))
        case ValueKind.BOOLEAN:
            return st.booleans()
        case ValueKind.ADDRESS:
            return addresses
        case ValueKind.FLOATING:
            return st.builds(Floating, addresses, texts)
        case ValueKind.NETMASK:
            return netmasks
        case ValueKind.CHOICE:
            assert keyword.choices is not None
            return st.sampled_from(choices_of(keyword)).map(keyword.choices)
        case ValueKind.CHOICES:
            assert keyword.choices is not None
            return st.lists(st.sampled_from(choices_of(keyword)).map(keyword.choices), max_size=3).map(tuple)
        case ValueKind.WORDS:
            return _dirs
        case ValueKind.TEXT | ValueKind.QUOTED:
            return texts


_VALUES = {place: {name: values(keyword) for name, keyword in KEYWORDS[place].items()} for place in BlockKind}
_KEYS_SET = 8
"""At most so many keys of a block are set, as people do: drawing a value for each takes ten times as long."""


@st.composite
def _fields(draw: st.DrawFn, place: BlockKind) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(list(_VALUES[place])), max_size=_KEYS_SET, unique=True))
    return {name: draw(_VALUES[place][name]) for name in chosen}


@st.composite
def real_servers(draw: st.DrawFn, names: st.SearchStrategy[str] = names) -> RealServer:
    """Draw a real server with any values."""
    return RealServer(name=draw(names), **draw(_fields(BlockKind.SERVER)))


@st.composite
def virtual_servers(draw: st.DrawFn, names: st.SearchStrategy[str] = names, max_servers: int = 3) -> VirtualServer:
    """Draw a virtual server with any values."""
    servers = tuple(draw(st.lists(real_servers(names), max_size=max_servers)))
    return VirtualServer(name=draw(names), **draw(_fields(BlockKind.VIRTUAL)), server=servers)


@st.composite
def configs(draw: st.DrawFn, names: st.SearchStrategy[str] = names, max_virtuals: int = 3) -> Config:
    """Draw a whole configuration with any values."""
    virtuals = tuple(draw(st.lists(virtual_servers(names), max_size=max_virtuals)))
    failovers = tuple(draw(st.lists(virtual_servers(names, 1), max_size=1)))
    return Config(**draw(_fields(BlockKind.GLOBAL)), virtual=virtuals, failover=failovers)
