"""The question of the verb "table": written by the web part, read by pulse, and by nobody believed."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lvs.table_page.columns import SORTS, TABS
from app.lvs.table_page.query import RAWS, QueryDocument, read_query_document

QUESTIONS = st.builds(
    QueryDocument,
    tab=st.sampled_from(tuple(TABS)),
    filter=st.text(max_size=200),
    sort=st.sampled_from(("", *SORTS)),
    is_descending=st.booleans(),
    group=st.sampled_from(("service", "host")),
    opened=st.sampled_from(("auto", "all", "none")),
    toggled=st.lists(st.text(max_size=50), max_size=10).map(tuple),
    offset=st.integers(0, 2**31 - 1),
    raw=st.sampled_from(("", *RAWS)),
    is_whole=st.booleans(),
    wants_places=st.booleans(),
)


@given(QUESTIONS)
def test_what_is_asked_is_what_is_understood(question: QueryDocument) -> None:
    assert read_query_document(question.document()) == question


def test_what_is_left_out_is_as_usual() -> None:
    assert read_query_document({"verb": "table"}) == QueryDocument()


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"tab": "everything"}, "'tab' must be one of overview, connections"),
        ({"sort": "luck"}, "'sort' must be one of an empty string, address"),
        ({"filter": 7}, "Expected `str`, got `int` - at `$.filter`"),
        ({"filter": "x" * 1001}, "'filter' may have at most 1000 characters, not 1001"),
        ({"offset": -1}, "'offset' must be from 0 to 2147483647, not -1"),
        ({"offset": True}, "Expected `int`, got `bool` - at `$.offset`"),
        ({"toggled": "all"}, "Expected `array`, got `str` - at `$.toggled`"),
        ({"toggled": ["x"] * 101}, "'toggled' may name at most 100 rows, not 101"),
        ({"is_whole": 1}, "Expected `bool`, got `int` - at `$.is_whole`"),
        ({"group": ["host"]}, "'group' must be one of service, host"),
    ],
)
def test_what_is_no_question_is_refused_with_what_is_accepted(document: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        read_query_document(document)


def test_which_rows_are_requested_follows_from_the_question() -> None:
    question = QueryDocument(
        filter="web", sort="name", is_descending=True, group="host", opened="none", toggled=("a",), offset=7
    )
    query = question.query()
    assert (len(query.filter.terms), query.sort, query.is_descending) == (1, "name", True)
    assert (query.group, query.opened, query.toggled, query.offset) == ("host", "none", frozenset({"a"}), 7)
