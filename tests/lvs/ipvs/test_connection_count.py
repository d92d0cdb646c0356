"""Sums over a connection table, in bounded memory."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.lvs.ipvs.connection_count import Count, Tally
from app.lvs.ipvs.connection_table import ConnectionFilter, chooser, words_of
from tests.lvs.ipvs.connection_lines import LINES, TABLE


def test_everything_is_counted_and_the_chosen_ones_by_state_client_and_server() -> None:
    count = Count()
    chosen = chooser(ConnectionFilter(state="ESTABLISHED"), TABLE)
    for line in LINES:
        words = words_of(line)
        assert words
        count.take(words, chosen)
    assert (count.entries, count.found, count.templates) == (8, 3, 0)
    assert count.states == {b"ESTABLISHED": 3}
    assert count.clients.most(1) == [(b"0A090001", 1)]
    assert dict(count.servers.most(9))[b"7F000001 0051"] == 1


def test_templates_are_no_connections_of_their_client() -> None:
    count = Count()
    for line in LINES:
        count.take(words_of(line) or (), chooser(ConnectionFilter(), TABLE))
    assert (count.found, count.templates) == (8, 3)
    assert dict(count.clients.most(9)) == {
        b"0A090001": 2,
        b"0A090002": 2,
        b"fd00:1111:2222:3333:4444:5555:6666:8888": 1,
    }


@given(words=st.lists(st.integers(0, 30).map(lambda number: b"%d" % number), max_size=400))
def test_a_count_is_never_too_high_and_too_low_by_no_more_than_it_says(words: list[bytes]) -> None:
    tally = Tally(limit=8)
    for word in words:
        tally.add(word)
    kept = dict(tally.most(100))
    assert len(tally) <= 8
    for word, true in Counter(words).items():
        assert true - tally.short_by <= kept.get(word, 0) <= true


def test_a_client_with_very_many_connections_is_found_among_a_hundred_thousand_others() -> None:
    tally = Tally(limit=1000)
    for number in range(100_000):
        tally.add(b"%d" % number)
        if number % 10 == 0:
            tally.add(b"greedy")
    [(word, count)] = tally.most(1)
    assert word == b"greedy"
    assert 10_000 - tally.short_by <= count <= 10_000


def test_few_clients_are_counted_exactly() -> None:
    tally = Tally(limit=3)
    for word in (b"a", b"b", b"c", b"a"):
        tally.add(word)
    assert (tally.most(1), tally.short_by) == ([(b"a", 2)], 0)
