"""The filter language of CONTROL/MONITORING."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.ipvs.table import Forward, Transport
from app.lvs.table_page.filter import KEYS, TERMS_MAX, parse_filter
from tests.lvs.table_rows import marked, server, service

WEB = service(
    "10.0.0.1",
    "web",
    [server("10.1.0.1", "web1"), server("10.1.0.2", "web2", "down", weight=0), server("10.1.0.3", "db1", "drain")],
)
SHOP = service("10.0.1.1", "shop https", [server("10.1.0.1", "web1")], scheduler="mh", port=443)
DNS = service(
    "2001:db8::53",
    "dns",
    [server("2001:db8::5", "ns1", "down", forward=Forward.MASQUERADE, weight=50)],
    port=53,
    transport=Transport.UDP,
)
FOREIGN = service(
    "10.0.0.99", "", [server("10.9.0.1", state="foreign", place=None)], position=None, state="foreign"
)
MARKED = marked(7, "marked")
ALL = (WEB, SHOP, DNS, FOREIGN, MARKED)


def found(text: str) -> dict[str, list[str]]:
    """Return the services `text` leaves, each with the servers it leaves of it."""
    wanted = parse_filter(text)
    assert not wanted.errors, wanted.errors
    kept = {entry.name or "foreign": wanted.servers(entry) for entry in ALL}
    return {name: [member.name for member in servers] for name, servers in kept.items() if servers is not None}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["web", "shop https", "dns", "foreign", "marked"]),
        ("state:down", ["web", "dns"]),
        ("state:part", ["web"]),
        ("state:foreign", ["foreign"]),
        ("vip:10.0.0.", ["web", "foreign"]),
        ("vip:2001:db8:", ["dns"]),
        ("vip:[2001:db8::53]", ["dns"]),
        ("sched:mh", ["shop https"]),
        ("sched:m", []),
        ("rs:web", ["web", "shop https"]),
        ("rs:10.1.0.2", ["web"]),
        ("vs:shop", ["shop https"]),
        ("proto:udp", ["dns"]),
        ("proto:fwm", ["marked"]),
        ("port:443", ["shop https"]),
        ("port:<100", ["web", "dns", "foreign", "marked"]),
        ("mark:7", ["marked"]),
        ("weight:0", ["web"]),
        ("weight:>=50", ["dns"]),
        ("fwd:masq", ["dns"]),
        ("SHOP", ["shop https"]),
        ('vs:"shop https"', ["shop https"]),
        ('"shop https"', ["shop https"]),
        ("2001:db8", ["dns"]),
        ("tcp :443", ["shop https"]),
        ("unmanaged", ["foreign"]),
        ("state:down vip:10.", ["web"]),
        ("-state:down proto:udp", []),
        ("-vip:10. -proto:fwm", ["dns"]),
        ("-sched:wlc", ["shop https", "marked"]),
        ("nowhere", []),
    ],
)
def test_it_leaves_the_services_that_hold_everything(text: str, names: list[str]) -> None:
    assert list(found(text)) == names


def test_of_a_service_that_does_not_hold_it_itself_only_the_servers_that_do_are_left() -> None:
    assert found("state:down")["web"] == ["web2"]
    assert found("rs:web state:down") == {"web": ["web2"]}
    assert found("shop web1") == {"shop https": ["web1"]}


def test_a_service_that_holds_it_itself_keeps_all_of_its_servers() -> None:
    assert found("vip:10.0.0.1")["web"] == ["web1", "web2", "db1"]
    assert found("state:part")["web"] == ["web1", "web2", "db1"]


def test_what_is_excluded_is_excluded_among_the_servers_too() -> None:
    assert found("vip:10.0.0.1 -state:down")["web"] == ["web1", "db1"]
    assert found("vs:web -web1") == {"web": ["web2", "db1"]}
    assert found("vs:web -rs:web") == {"web": ["db1"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("foo:1", "“foo:” is not a filter. Use state:, vip:"),
        ("state:", "“state:” requires a value directly after it, such as state:down"),
        ("state: shop", "“state:” requires a value"),
        ("state:dwon", "“state:dwon” is not a state. Use one of up, part, down"),
        ("weight:x", "“weight:x” is not a number. Write weight:1, weight:>1"),
        ("proto:http", "Use tcp, udp, sctp"),
        ("fwd:nat", "Use route, tunnel, masq or local"),
    ],
)
def test_what_is_no_filter_is_told_with_what_is_and_the_rest_still_filters(text: str, words: str) -> None:
    wanted = parse_filter(f"{text} vs:shop")
    assert any(words in error for error in wanted.errors), wanted.errors
    assert wanted.servers(SHOP) is not None


def test_a_state_may_be_begun_only_as_while_it_is_being_typed() -> None:
    assert list(found("state:do")) == ["web", "dns"]


@given(st.text(alphabet=st.sampled_from('abcdef:-"<>= .0123' + "".join(KEYS))))
def test_no_text_breaks_it(text: str) -> None:
    wanted = parse_filter(text)
    for entry in ALL:
        servers = wanted.servers(entry)
        assert servers is None or set(servers) <= set(entry.servers)


@given(
    st.lists(st.sampled_from(["state:down", "vip:10.0.0.", "sched:mh", "rs:web", "web1", "-state:up"]), max_size=3)
)
def test_one_more_condition_never_shows_more(conditions: list[str]) -> None:
    before, after = found(" ".join(conditions[:-1])), found(" ".join(conditions))
    assert after.keys() <= before.keys()


def test_no_text_makes_pulse_ask_every_row_more_than_a_few_things() -> None:
    wanted = parse_filter("-zz " * 250)
    assert len(wanted.terms) == TERMS_MAX
    assert wanted.errors == (f"A filter has at most {TERMS_MAX} conditions; the rest is ignored.",)
    assert parse_filter("-zz " * TERMS_MAX).errors == ()


def test_what_is_no_filter_is_told_a_few_times_only() -> None:
    assert len(parse_filter("foo:1 " * 150).errors) == TERMS_MAX + 1
