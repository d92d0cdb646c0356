"""Which rows a page of CONTROL/MONITORING shows, and in which order."""

from dataclasses import replace
from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.table_page.columns import SORTS
from app.lvs.table_page.filter import parse_filter
from app.lvs.table_page.rows import ServiceEntry, reach_of, row_key, state_of_service
from app.lvs.table_page.view import Shown, TableQuery, choose, find, group_number
from tests.lvs.table_rows import server, service

A = service(
    "10.0.0.1", "alpha", [server("10.1.0.1", "one", active=5), server("10.1.0.2", "two", "down", active=9)], cps=3
)
B = service("10.0.0.2", "beta", [server("10.1.0.1", "one", active=1)], cps=30, scheduler="rr")
C = service("10.0.0.3", "gamma", [server("10.1.0.3", "three", "off", is_there=False)], state="off")
ROWS = (A, B, C)


def many(services: int, servers: int) -> list[ServiceEntry]:
    """Return so many services with so many servers each, all of them different."""
    first = int(IPv4Address("10.2.0.0"))
    return [
        service(
            str(IPv4Address(int(IPv4Address("10.0.0.0")) + number)),
            f"v{number}",
            [
                server(str(IPv4Address(first + number * servers + member)), f"r{member}")
                for member in range(servers)
            ],
        )
        for number in range(services)
    ]


def lines(shown: Shown) -> list[str]:
    """Return the lines of a page: services by name, servers behind an arrow."""
    found = []
    for group in shown.groups:
        head = group.group.service.name if group.group.service else group.group.key
        found.append(f"({head})" if group.is_continued else head)
        for entry, there in group.members:
            found.append(f"> {there.name if group.group.service else entry.name}")
    return found


def test_a_small_table_is_open_and_in_ipvsadms_order() -> None:
    assert lines(choose(ROWS, TableQuery())) == ["alpha", "> one", "> two", "beta", "> one", "gamma", "> three"]


def test_what_is_not_in_the_kernel_is_left_out_where_only_the_kernel_is_asked_for() -> None:
    shown = choose(ROWS, TableQuery(is_kernel_only=True))
    assert lines(shown) == ["alpha", "> one", "> two", "beta", "> one"]
    assert (shown.services, shown.servers) == (2, 3)


def test_a_table_that_does_not_fit_on_a_page_is_closed_until_somebody_opens_a_row() -> None:
    shown = choose(many(30, 5), TableQuery(limit=100))
    assert lines(shown) == [f"v{number}" for number in range(30)]
    key = shown.groups[1].group.key
    opened = choose(many(30, 5), TableQuery(limit=100, toggled=frozenset((key,))))
    assert lines(opened)[:8] == ["v0", "v1", "> r0", "> r1", "> r2", "> r3", "> r4", "v2"]


def test_a_filter_that_leaves_little_opens_what_is_left() -> None:
    shown = choose(many(30, 5), TableQuery(filter=parse_filter("vs:v7"), limit=100))
    assert lines(shown) == ["v7", "> r0", "> r1", "> r2", "> r3", "> r4"]
    assert (shown.services_found, shown.servers_found, shown.services, shown.servers) == (1, 5, 30, 150)


def test_a_row_toggled_in_an_open_table_is_closed() -> None:
    assert lines(choose(ROWS, TableQuery(toggled=frozenset(("tcp 10.0.0.1:80",)))))[:2] == ["alpha", "beta"]


def test_ten_thousand_rows_are_paged_through_without_a_gap_and_with_the_head_repeated() -> None:
    rows = many(1000, 10)
    query = TableQuery(opened="all", limit=100)
    pages = [choose(rows, replace(query, offset=offset)) for offset in range(0, 11_000, 100)]
    assert pages[0].lines == 11_000
    assert all(len(lines(page)) <= 101 for page in pages)
    whole = [line for page in pages for line in lines(page) if not line.startswith("(")]
    assert whole == [
        line for number in range(1000) for line in (f"v{number}", *(f"> r{number}" for number in range(10)))
    ]
    assert lines(pages[1])[0] == "(v9)"


@pytest.mark.parametrize("offset", [-5, 10**9])
def test_a_page_that_is_not_there_is_the_nearest_one(offset: int) -> None:
    shown = choose(many(150, 1), TableQuery(opened="none", limit=100, offset=offset))
    assert shown.offset == (0 if offset < 0 else 100)
    assert len(shown.groups) == (100 if offset < 0 else 50)


@pytest.mark.parametrize(
    ("sort", "is_descending", "names"),
    [
        ("name", True, ["gamma", "beta", "alpha"]),
        ("cps", True, ["beta", "alpha", "gamma"]),
        ("cps", False, ["alpha", "beta", "gamma"]),
        ("active", True, ["alpha", "beta", "gamma"]),
        ("state", False, ["gamma", "alpha", "beta"]),
        ("servers", True, ["alpha", "gamma", "beta"]),
        ("scheduler", False, ["beta", "alpha", "gamma"]),
        ("address", True, ["gamma", "beta", "alpha"]),
        ("upper", True, ["alpha", "beta", "gamma"]),
    ],
)
def test_services_are_sorted_and_those_without_a_value_stand_last(
    sort: str, is_descending: bool, names: list[str]
) -> None:
    shown = choose(ROWS, TableQuery(sort=sort, is_descending=is_descending, opened="none"))
    assert lines(shown) == names


def test_the_servers_of_a_service_are_sorted_by_the_same_column() -> None:
    assert lines(choose([A], TableQuery(sort="active", is_descending=True))) == ["alpha", "> two", "> one"]
    assert lines(choose([A], TableQuery(sort="active"))) == ["alpha", "> one", "> two"]


def test_grouped_by_host_a_machine_stands_once_with_all_it_serves_and_its_sums() -> None:
    shown = choose(ROWS, TableQuery(group="host", sort="active", is_descending=True))
    assert lines(shown) == ["10.1.0.2", "> alpha", "10.1.0.1", "> alpha", "> beta", "10.1.0.3", "> gamma"]
    assert [group_number("active", group.group) for group in shown.groups] == [9, 6, None]
    assert (shown.services_found, shown.servers_found) == (3, 4)


def test_the_states_are_counted_whatever_the_filter_leaves() -> None:
    shown = choose(ROWS, TableQuery(filter=parse_filter("vs:beta")))
    assert shown.service_states == {"part": 1, "up": 1, "off": 1}
    assert shown.server_states == {"up": 2, "down": 1, "off": 1}


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (["up", "unchecked"], "up"),
        (["up", "drain"], "part"),
        (["down", "maintenance"], "down"),
        (["unknown", "down"], "unknown"),
        (["off"], "empty"),
        (["sorry", "down"], "down"),
        ([], "empty"),
    ],
)
def test_a_service_is_what_its_servers_make_it(states: list[str], state: str) -> None:
    assert state_of_service([server("10.1.0.1", state=state) for state in states], "up") == state


@pytest.mark.parametrize("states", [["up"], ["up", "drain"], ["down"], []])
@pytest.mark.parametrize("reach", ["standby", "unreachable", "unknown"])
def test_no_service_is_up_to_which_no_client_gets(states: list[str], reach: str) -> None:
    servers = [server("10.1.0.1", state=state) for state in states]
    found = state_of_service(servers, reach)
    assert found == (reach if "up" in states else state_of_service(servers, "up"))


def test_where_no_client_gets_through_unknown_servers_do_not_hide_it() -> None:
    assert state_of_service([server("10.1.0.1", state="unknown")], "unreachable") == "unreachable"
    assert state_of_service([server("10.1.0.1", state="down")], "unreachable") == "down"


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("192.0.2.1", "up"),
        ("192.0.2.2", "standby"),
        ("192.0.2.3", "unreachable"),
        ("192.0.2.4", "unreachable"),
        ("192.0.2.5", "unknown"),
        ("192.0.2.6", "unknown"),
        ("192.0.2.7", "unreachable"),
        ("192.0.2.99", "unknown"),
        ("2001:db8::1", "up"),
        ("0.0.0.0", "up"),
        (None, "up"),
    ],
)
def test_what_is_not_known_to_be_up_is_not_reached(address: str | None, reach: str) -> None:
    states = ["up", "standby", "failed", "refused", "probing", "unknown", "unplugged"]
    known = {f"192.0.2.{number}": state for number, state in enumerate(states, 1)} | {"2001:db8::1": "up"}
    assert reach_of(ip_address(address) if address else None, known) == reach


@given(
    sort=st.sampled_from(("", *SORTS)),
    is_descending=st.booleans(),
    group=st.sampled_from(("service", "host")),
    opened=st.sampled_from(("auto", "all", "none")),
    limit=st.integers(1, 7),
)
def test_whatever_the_order_the_pages_hold_every_line_once(
    sort: str, is_descending: bool, group: str, opened: str, limit: int
) -> None:
    query = TableQuery(sort=sort, is_descending=is_descending, group=group, opened=opened, limit=limit)  # type: ignore[arg-type]
    total = choose(ROWS, query).lines
    pages = [choose(ROWS, replace(query, offset=offset)) for offset in range(0, total, limit)]
    whole = [line for page in pages for line in lines(page) if not line.startswith("(")]
    assert len(whole) == total
    is_open = total > len(choose(ROWS, replace(query, limit=1000, opened="none")).groups)
    assert whole == lines(choose(ROWS, replace(query, limit=1000, opened="all" if is_open else "none")))


def test_all_found_on_a_tab_of_numbers_is_no_more_than_it_shows() -> None:
    overview, rates = (find(ROWS, TableQuery(is_kernel_only=is_only)) for is_only in (False, True))
    assert [group.key for group in overview] == [row_key(row) for row in ROWS]
    assert [group.key for group in rates] == [row_key(A), row_key(B)]


def test_a_service_counts_the_servers_that_serve_and_those_that_ought_to() -> None:
    assert [(entry.up, entry.of) for entry in ROWS] == [(1, 2), (1, 1), (0, 0)]


NAMED = service(
    "10.0.0.4", "delta", [server("10.1.0.1", "b", "down"), server("10.1.0.2", "a"), server("10.1.0.3")]
)


def test_servers_of_a_service_are_sorted_by_their_names_and_those_without_come_last() -> None:
    assert lines(choose([NAMED], TableQuery(sort="name"))) == ["delta", "> a", "> b", "> "]
    assert lines(choose([NAMED], TableQuery(sort="name", is_descending=True))) == ["delta", "> b", "> a", "> "]
    assert lines(choose([NAMED], TableQuery(sort="state"))) == ["delta", "> b", "> a", "> "]


def test_services_of_a_host_are_sorted_by_their_names_and_hosts_by_the_names_of_the_servers() -> None:
    first = service("10.0.0.5", "zeta", [server("10.1.0.9", "x", "up")])
    second = service("10.0.0.6", "eta", [server("10.1.0.9", "x", "up")])
    third = service("10.0.0.7", "theta", [server("10.1.0.8", "y", "down")])
    shown = lines(choose([first, second, third], TableQuery(group="host", sort="name", opened="all")))
    assert shown == ["10.1.0.9", "> eta", "> zeta", "10.1.0.8", "> theta"]
    by_state = lines(choose([first, second, third], TableQuery(group="host", sort="state", opened="none")))
    assert by_state == ["10.1.0.8", "10.1.0.9"]


def test_a_service_has_its_key_in_an_address_by_what_it_is_or_by_its_place() -> None:
    assert [row_key(entry) for entry in (A, C)] == ["tcp 10.0.0.1:80", "#0"]


def test_servers_are_sorted_by_their_addresses_as_numbers() -> None:
    entry = service("10.0.0.4", "d", [server("10.1.0.10", "ten"), server("10.1.0.9", "nine")])
    assert lines(choose([entry], TableQuery(sort="address"))) == ["d", "> nine", "> ten"]
    assert lines(choose([entry], TableQuery(sort="address", is_descending=True))) == ["d", "> ten", "> nine"]
