"""A pair of directors: who has the virtual IP, and how it changes hands when nothing is broken."""

import signal
import time

import pytest

from app.host.control_client import ask
from tests.pulse.two_directors.pair import PairOfDirectors

pytestmark = pytest.mark.kernel


def test_switching_the_pair_on_moves_no_address_and_loses_no_request(pair: PairOfDirectors) -> None:
    for director in pair.directors:
        director.write("serial_no = 0\nservice = lvs\n")
    pair.start()
    pair.apply(active=0)
    pair.until(lambda: pair.first.has_address, "the primary serves alone")
    assert not pair.second.has_address
    with pair.ask() as asking:
        pair.until(lambda: asking.answered() > 3, "requests are answered")
        # So long that a slow machine is not taken for a dead one.
        pair.apply(advert_ms=1000)
        pair.settle(pair.first)
        answered = asking.answered()
        pair.until(lambda: asking.answered() > answered + 5, "requests are still answered")
    assert [move.has_come for move in pair.first.moves()] == [True]
    assert pair.second.moves() == []
    assert not [request.failure for request in asking.requests() if request.failure]


def test_the_sync_daemon_follows_the_role(pair: PairOfDirectors) -> None:
    pair.settle(pair.first)
    roles = [[daemon["role"] for daemon in director.status()["daemons"]] for director in pair.directors]
    assert roles == [["master"], ["backup"]]
    told = [ask(director.socket, "verdicts", {"mark": ""})["role"] for director in pair.directors]
    assert told == ["owner", "standby"]


def test_a_planned_switch_moves_the_address_within_a_moment_and_back(pair: PairOfDirectors) -> None:
    pair.settle(pair.first)
    with pair.ask() as asking:
        switched_at = []
        for giving, taking in (pair.directors, pair.directors[::-1]):
            since = time.time()
            switched_at.append(time.monotonic())
            report = giving.switch()
            assert pair.took_s(taking, since) < 1
            assert report["has_moved"], report
            pair.settle(taking)
            assert pair.two_for_s(since) < 1
    # What was under way just then, and too young for the sync daemon, may be lost; nothing else is.
    failed = [request.began for request in asking.requests() if request.failure]
    assert all(any(at - 1 < began < at + 1 for at in switched_at) for began in failed)


def test_one_is_upgraded_after_the_other_and_only_the_switches_are_felt(pair: PairOfDirectors) -> None:
    pair.settle(pair.first)
    switched_at = []
    with pair.ask() as asking:
        for owner, standing_by in (pair.directors, pair.directors[::-1]):
            standing_by.stop()
            standing_by.signal_keepalived(signal.SIGTERM)
            standing_by.start()
            pair.settle(owner)
            switched_at.append(time.monotonic())
            report = owner.switch()
            assert report["has_moved"], report
            pair.settle(standing_by)
    failed = [request for request in asking.requests() if request.failure]
    elsewhere = [request for request in failed if not any(at - 1 < request.began < at + 1 for at in switched_at)]
    assert elsewhere == [], switched_at
    assert asking.answered() > 20


def test_switching_the_pair_off_leaves_the_address_where_it_is(pair: PairOfDirectors) -> None:
    pair.settle(pair.first)
    moves = [director.moves() for director in pair.directors]
    pair.apply(active=0)
    pair.until(lambda: pair.second.role() == "off", "the backup is off")
    assert pair.first.status()["pair"] is None
    assert [director.moves() for director in pair.directors] == moves
