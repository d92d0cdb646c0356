"""The choices of CONTROL/MONITORING in the address of the page."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.lvs.table_page.columns import SORTS
from app.lvs.table_page.query import RAWS, read_query_document
from app.web.table.view_options import FILTER_MAX, RATE_MAX_S, VIEWS, TableOptions, read_query, read_watch


def test_a_page_opened_without_choices_updates_by_itself() -> None:
    assert read_watch(MultiDict()) == TableOptions(auto_update=True, rate_s=5)


def test_a_box_that_is_not_ticked_is_not_sent_and_means_no_update() -> None:
    assert not read_watch(MultiDict({"rate": "5"})).auto_update


@pytest.mark.parametrize("rate", ["", "0", "1", "x", "-5", "٣", "1e3"])
def test_an_unusable_rate_becomes_ten_seconds_as_it_did_in_piranha(rate: str) -> None:
    assert read_watch(MultiDict({"auto_update": "1", "rate": rate})).rate_s == 10


def test_a_rate_of_ones_own_is_offered_beside_the_usual_ones() -> None:
    assert read_watch(MultiDict({"auto_update": "1", "rate": "30"})).rates_s == (2, 5, 10, 30)


NAMES = [
    *("auto_update", "rate", "filter", "view", "page", "raw", "sort", "group", "opened", "toggle", "names"),
]


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.text())))
def test_no_address_breaks_the_page(arguments: list[tuple[str, str]]) -> None:
    watch = read_watch(MultiDict(arguments))
    assert 2 <= watch.rate_s <= RATE_MAX_S
    assert watch.page >= 1
    assert watch.view in VIEWS
    assert len(watch.filter) <= FILTER_MAX
    assert read_query_document(watch.question().document()) == watch.question()


@given(
    st.builds(
        TableOptions,
        auto_update=st.booleans(),
        rate_s=st.sampled_from((2, 5, 10)),
        filter=st.from_regex(r"[a-z:0-9]{0,20}", fullmatch=True),
        view=st.sampled_from(VIEWS),
        page=st.integers(1, 1000),
        raw=st.sampled_from(RAWS),
        sort=st.sampled_from(("", *SORTS)),
        group=st.sampled_from(("service", "host")),
        opened=st.sampled_from(("auto", "all", "none")),
        toggled=st.lists(st.text(min_size=1, max_size=20), max_size=4, unique=True).map(tuple),
        with_names=st.booleans(),
    )
)
def test_an_address_leads_back_to_the_choices_it_was_made_of(watch: TableOptions) -> None:
    assert read_query(urlencode(watch.address(), doseq=True)) == watch


def test_a_row_toggled_twice_is_as_before() -> None:
    watch = TableOptions().toggling("tcp 192.0.2.1:80").toggling("tcp 192.0.2.2:80")
    assert watch.toggling("tcp 192.0.2.1:80").toggled == ("tcp 192.0.2.2:80",)


def test_so_many_open_rows_that_the_address_would_be_too_long_close_the_first_ones() -> None:
    watch = TableOptions()
    for number in range(1000):
        watch = watch.toggling(f"tcp 192.0.2.1:{number}")
    assert watch.toggled[-1] == "tcp 192.0.2.1:999"
    assert len(urlencode(watch.address(), doseq=True)) < 4000
