"""What is typed into a form."""

import contextlib
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.formats.form_text import FieldError, format_field, parse_field
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.keyword import BlockKind, Keyword, ValueKind
from app.lvs.model.schedulers import SchedulerFlag
from app.lvs.model.values import Floating, Network, Prefix
from tests.lvs.strategies import values

GLOBAL, VIRTUAL = KEYWORDS[BlockKind.GLOBAL], KEYWORDS[BlockKind.VIRTUAL]
ALL = [keyword for keywords in KEYWORDS.values() for keyword in keywords.values()]


@pytest.mark.parametrize(
    ("keyword", "text", "value"),
    [
        (GLOBAL["keepalive"], " 010 ", 10),
        (GLOBAL["keepalive"], "", None),
        (GLOBAL["keepalive"], "-3", -3),
        (GLOBAL["heartbeat"], "1", True),
        (GLOBAL["heartbeat"], "off", False),
        (GLOBAL["network"], "NAT", Network.NAT),
        (GLOBAL["primary"], "10.0.0.1", IPv4Address("10.0.0.1")),
        (GLOBAL["primary"], "fd00::1", IPv6Address("fd00::1")),
        (GLOBAL["nat_router"], "10.0.0.1  eth1:1", Floating(IPv4Address("10.0.0.1"), "eth1:1")),
        (GLOBAL["nat_router"], "10.0.0.1", Floating(IPv4Address("10.0.0.1"), "")),
        (GLOBAL["nat_nmask"], "/24", Prefix(24)),
        (VIRTUAL["send"], " x ", " x "),
        (VIRTUAL["send"], "", None),
        (VIRTUAL["scheduler_flags"], "sh-port, sh-fallback", (SchedulerFlag.SH_PORT, SchedulerFlag.SH_FALLBACK)),
        (VIRTUAL["dirs"], "/a /b", ("/a", "/b")),
    ],
)
def test_it_reads_what_was_typed(keyword: Keyword, text: str, value: object) -> None:
    assert parse_field(keyword, text) == value


@pytest.mark.parametrize(
    ("keyword", "text", "said"),
    [
        (GLOBAL["keepalive"], "six", "integer"),
        (GLOBAL["keepalive"], "٣", "integer"),
        (GLOBAL["keepalive"], "9" * 5000, "too large"),
        (GLOBAL["keepalive"], "9999999999", "2147483647"),
        (GLOBAL["heartbeat"], "2", "1 or 0"),
        (GLOBAL["network"], "vlan", "nat|direct|tunnel"),
        (GLOBAL["primary"], "10.0.0.256", "address"),
        (GLOBAL["heartbeat_port"], "http", "number"),
        (GLOBAL["nat_nmask"], "x", "255.255.255.0"),
        (VIRTUAL["pmask"], "x", "255.255.255.0"),
        (VIRTUAL["send"], "a\nb", "line end"),
    ],
)
def test_it_says_what_is_accepted(keyword: Keyword, text: str, said: str) -> None:
    with pytest.raises(FieldError) as error:
        parse_field(keyword, text)
    assert said in error.value.message


def test_only_the_blank_before_an_empty_device_is_left_out() -> None:
    virtual = KEYWORDS[BlockKind.VIRTUAL]
    assert format_field(virtual["address"], Floating(IPv4Address("192.0.2.1"), "")) == "192.0.2.1"
    assert format_field(virtual["send"], "GET / ") == "GET / "


@given(st.data())
def test_a_value_survives_its_field(data: st.DataObject) -> None:
    keyword = data.draw(st.sampled_from([keyword for keyword in ALL if keyword.kind is not ValueKind.WORDS]))
    value: Any = data.draw(values(keyword))
    text = format_field(keyword, value)
    if keyword.kind is ValueKind.TEXT:
        value = value.strip()
    if isinstance(value, Floating):
        value = Floating(value.address, value.device.strip())
    expected = value if value not in ("", ()) else None
    assert parse_field(keyword, text) == expected


@given(st.sampled_from(ALL), st.text(max_size=20))
def test_no_text_crashes_it(keyword: Keyword, text: str) -> None:
    with contextlib.suppress(FieldError):
        parse_field(keyword, text)
