"""Pairs of other kinds: without keepalived, by multicast, that take back, over IPv6, and without preemption."""

import time

import pytest

from lab.network import DIRECTOR2
from tests.pulse.two_directors.pair import PAIR, PairDirector, PairOfDirectors

pytestmark = pytest.mark.kernel

WITHOUT_KEEPALIVED = ("sh", "-c", 'mount --bind /dev/null /usr/sbin/keepalived && exec "$@"', "sh")
OVER_IPV6 = PAIR.replace("= 10.36.0.2\n", "= fd36::2\n").replace("= 10.36.0.3\n", "= fd36::3\n")


def moves_and_takes_over(pair: PairOfDirectors) -> None:
    """Switch the pair to its second router, and let the first take over from that."""
    pair.settle(pair.first)
    since = time.time()
    assert pair.first.switch()["has_moved"]
    pair.settle(pair.second)
    pair.cluster.cut_off(DIRECTOR2.name)
    pair.comes_to(pair.first, since)
    pair.cluster.plug_in_again(DIRECTOR2.name)
    pair.settle(pair.first)


def test_without_keepalived_the_primary_serves_alone_and_both_say_what_to_install(pair: PairOfDirectors) -> None:
    for director in pair.directors:
        director.write("serial_no = 0\nservice = lvs\n")
        director.start_installed(through=WITHOUT_KEEPALIVED)
    pair.apply()
    pair.until(lambda: pair.first.has_address, "the primary has the address")
    pair.until(lambda: [_has_to_install(director) for director in pair.directors] == [True, True], "both say so")
    assert not pair.second.has_address
    with pair.ask() as asking:
        pair.until(lambda: asking.answered() > 5, "requests are answered")
    for director in pair.directors:
        director.kill()


def test_advertisements_can_be_multicast(started: PairOfDirectors) -> None:
    started.apply("vrrp_unicast = 0\n")
    moves_and_takes_over(started)


def test_a_primary_takes_back_by_itself_where_it_is_to(started: PairOfDirectors) -> None:
    started.apply("preempt = 1\non_stop = withdraw\n")
    started.settle(started.first)
    since = time.time()
    started.first.stop()
    started.comes_to(started.second, since)
    started.first.start()
    started.until(lambda: (started.first.role(), started.second.role()) == ("owner", "standby"), "it takes back")
    started.settle(started.first)


def test_after_a_planned_switch_a_primary_does_not_take_back(started: PairOfDirectors) -> None:
    started.apply("preempt = 1\n")
    started.settle(started.first)
    assert started.first.switch()["has_moved"]
    started.settle(started.second)
    moves = started.first.moves()
    with started.ask() as asking:
        started.until(lambda: asking.answered() > 30, "requests are answered for longer than a take-over takes")
    assert started.first.moves() == moves


def test_two_routers_can_watch_each_other_over_ipv6(started: PairOfDirectors) -> None:
    started.apply(plan=OVER_IPV6)
    moves_and_takes_over(started)


def _has_to_install(director: PairDirector) -> bool:
    pair = director.status()["pair"]
    return pair is not None and pair["role"] == "alone" and "apt-get install keepalived" in pair["trouble"]
