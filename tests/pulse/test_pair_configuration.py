"""A pair of directors that are partners: one configuration, edited apart as well, and both started at once."""

import sys
import time

import pytest

from tests.pulse.linked import LinkedDirector, LinkedPair
from tests.pulse.pair import PAIR, PairOfDirectors
from tests.pulse.two_routers import ADDRESS

pytestmark = pytest.mark.kernel

TWO_AT_MOST_S = 5.0


def configuration(reentry: int) -> str:
    # So long that a slow machine is not taken for a dead one.
    return PAIR.format(serial=1, active=1, advert_ms=1000, more="").replace("reentry = 2", f"reentry = {reentry}")


def has_right_table(router: LinkedDirector) -> bool:
    table = router.table()
    servers = [f"-a -t {ADDRESS}:80 -r 10.36.0.1{number}:80 -g -w 1" for number in (1, 2, 3)]
    return all(server in table for server in servers) and len(table.splitlines()) == 4


@pytest.fixture(scope="module")
def linked(pair: PairOfDirectors) -> LinkedPair:
    """The two, as partners, with a virtual server that the first one has."""
    both = LinkedPair(pair)
    both.start()
    both.couple()
    both.until_agreed(both.first.accept(configuration(2)))
    pair.settle(pair.first)
    return both


def test_what_is_accepted_on_either_is_applied_by_the_pulse_of_the_other(linked: LinkedPair) -> None:
    for router, reentry in ((linked.first, 3), (linked.second, 4)):
        linked.until_agreed(router.accept(configuration(reentry)))
        assert f"reentry = {reentry}".encode() in linked.first.lvs_cf()
    linked.until(has_right_table, "both have the table")


def test_each_knows_what_the_sync_daemon_of_the_other_does_and_how_many_connections_it_has(
    linked: LinkedPair,
) -> None:
    linked.pair.settle(linked.pair.first)
    with linked.pair.ask():
        linked.until(lambda router: (router.status()["ours"]["connections"] or 0) > 5, "both know connections")
    linked.pair.until(lambda: _partners_sync(linked.first) == ("backup", True), "the first knows of the second")
    linked.pair.until(lambda: _partners_sync(linked.second) == ("master", True), "the second knows of the first")


def test_what_was_edited_on_both_during_a_partition_is_overwritten_on_neither_until_one_chooses(
    linked: LinkedPair,
) -> None:
    linked.pair.cluster.part_directors()
    for router, reentry in ((linked.first, 5), (linked.second, 6)):
        router.accept(configuration(reentry))
    healed = time.time()
    linked.pair.cluster.join_directors()
    linked.until(lambda router: router.status()["standing"] == "diverged", "both say so")
    for router, reentry in ((linked.first, 5), (linked.second, 6)):
        assert f"reentry = {reentry}".encode() in router.lvs_cf()
        assert router.applied() == router.status()["ours"]["serial_no"]
    linked.pair.until(lambda: sum(one.has_address for one in linked.pair.directors) == 1, "one owner")
    assert linked.pair.two_for_s(healed) < TWO_AT_MOST_S
    linked.second.press("/partner", "choose", "TAKE THE PARTNER'S")
    linked.until_agreed(linked.second.status()["ours"]["serial_no"])
    assert b"reentry = 5" in linked.second.lvs_cf()


def test_of_two_routers_that_start_at_once_one_has_the_address_and_both_the_table(linked: LinkedPair) -> None:
    serial = linked.first.applied()
    linked.lose_power()
    since = time.time()
    linked.start()
    linked.pair.until(lambda: sum(one.has_address for one in linked.pair.directors) == 1, "one owner")
    sys.stdout.write(f"FIGURE both rebooted: owned after {time.time() - since:.2f} s\n")
    linked.until(has_right_table, "both have the table")
    linked.pair.until(
        lambda: {one.role() for one in linked.pair.directors} == {"owner", "standby"}, "one owner, one standby"
    )
    linked.until_agreed(serial)
    assert [one.has_address for one in linked.pair.directors] == [
        one.role() == "owner" for one in linked.pair.directors
    ]
    assert linked.pair.two_for_s(since) < TWO_AT_MOST_S
    with linked.pair.ask() as asking:
        linked.pair.until(lambda: asking.answered() > 5, "requests are answered")


def _partners_sync(router: LinkedDirector) -> tuple[str, bool]:
    theirs = router.status()["theirs"]
    return (theirs["sync"], (theirs["connections"] or 0) > 5) if theirs else ("", False)
