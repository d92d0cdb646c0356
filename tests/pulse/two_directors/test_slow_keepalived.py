"""A router that serves and gets a pair whose keepalived is slow: the address stays where it is."""

import signal

import pytest

from tests.pulse.two_directors.pair import PairOfDirectors

pytestmark = pytest.mark.kernel


def test_a_keepalived_that_does_not_get_going_takes_no_address_from_who_serves(pair: PairOfDirectors) -> None:
    serving = pair.first
    serving.start()
    pair.apply(active=0, to=[serving])
    pair.until(lambda: serving.has_address, "the primary serves alone")
    pair.apply(advert_ms=1000, to=[serving])
    pair.until(serving.keepalived, "keepalived runs")
    serving.signal_keepalived(signal.SIGSTOP)
    pair.until(lambda: "it has not answered for" in serving.log.read_text(), "it is started again")
    pair.until(lambda: serving.role() == "owner", "the primary is the owner")
    assert [move.has_come for move in serving.moves()] == [True]
