"""The choices of CONTROL/MONITORING in the address of the page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.web.watch import FILTER_MAX, RATE_MAX_S, Watch, read_watch


def test_a_page_opened_without_choices_updates_by_itself() -> None:
    assert read_watch(MultiDict()) == Watch(auto_update=True, rate_s=5)


def test_a_box_that_is_not_ticked_is_not_sent_and_means_no_update() -> None:
    assert not read_watch(MultiDict({"rate": "5"})).auto_update


@pytest.mark.parametrize("rate", ["", "0", "1", "x", "-5", "٣", "1e3"])
def test_an_unusable_rate_becomes_ten_seconds_as_it_did_in_piranha(rate: str) -> None:
    assert read_watch(MultiDict({"auto_update": "1", "rate": rate})).rate_s == 10


def test_a_rate_of_ones_own_is_offered_beside_the_usual_ones() -> None:
    assert read_watch(MultiDict({"auto_update": "1", "rate": "30"})).rates_s == (2, 5, 10, 30)


@given(st.dictionaries(st.sampled_from(["auto_update", "rate", "filter", "view", "page"]), st.text()))
def test_no_address_breaks_the_page(arguments: dict[str, str]) -> None:
    watch = read_watch(MultiDict(arguments))
    assert 2 <= watch.rate_s <= RATE_MAX_S
    assert watch.page >= 1
    assert watch.view in ("table", "raw")
    assert len(watch.filter) <= FILTER_MAX
