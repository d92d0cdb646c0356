"""A pair of directors: who has the virtual IP, and how it changes hands when nothing is broken."""

import signal
import time

import pytest

from app.host.control_client import ask
from tests.pulse.two_directors.pair import PairDirector, PairOfDirectors

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


def test_a_planned_switch_moves_the_address_and_back(pair: PairOfDirectors) -> None:
    pair.settle(pair.first)
    switches = []
    with pair.ask() as asking:
        for giving, taking in (pair.directors, pair.directors[::-1]):
            switches.append(switch(pair, giving, taking))
    # What was under way just then, and too young for the sync daemon, may be lost; nothing else is.
    assert asking.failed_outside(switches) == []


def test_one_is_upgraded_after_the_other_and_only_the_switches_are_felt(pair: PairOfDirectors) -> None:
    pair.settle(pair.first)
    switches = []
    with pair.ask() as asking:
        for owner, standing_by in (pair.directors, pair.directors[::-1]):
            standing_by.stop()
            standing_by.end_keepalived()
            standing_by.start()
            pair.settle(owner)
            switches.append(switch(pair, owner, standing_by))
    assert asking.failed_outside(switches) == [], switches
    assert asking.answered() > 20


def test_a_keepalived_that_was_given_another_file_by_hand_is_given_ours_again(pair: PairOfDirectors) -> None:
    path = pair.second.installation.runtime_directory / "keepalived.conf"
    ours = path.read_text()
    path.write_text(ours.replace("    nopreempt\n", ""))
    pair.second.signal_keepalived(signal.SIGHUP)
    pair.until(lambda: path.read_text() == ours, "the file is ours again")
    pair.until(lambda: "with other settings than pulse gave it" in pair.second.log.read_text(), "it is logged")


def test_switching_the_pair_off_leaves_the_address_where_it_is(pair: PairOfDirectors) -> None:
    pair.settle(pair.first)
    moves = [director.moves() for director in pair.directors]
    pair.apply(active=0)
    pair.until(lambda: pair.second.role() == "off", "the backup is off")
    assert pair.first.status()["pair"] is None
    assert [director.moves() for director in pair.directors] == moves


def switch(pair: PairOfDirectors, giving: PairDirector, taking: PairDirector) -> tuple[float, float]:
    """Hand the virtual IP from `giving` to `taking`; return when that began and when it was over."""
    began = time.monotonic()
    report = giving.switch()
    assert report["has_moved"], report
    pair.settle(taking)
    return began, time.monotonic()
