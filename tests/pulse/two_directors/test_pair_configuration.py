"""A pair of directors that are partners: one configuration, edited apart as well, and both started at once.

The two talk over the private network, and watch each other on the public one.
"""

import signal
import subprocess
import time

import pytest

from app.lvs.reports.pair import TakeBackReport
from lab.network import CLIENT, DIRECTOR, DIRECTOR2
from tests.pulse.two_directors.linked import LinkedDirector, LinkedPair
from tests.pulse.two_directors.pair import PAIR, PairDirector, PairOfDirectors
from tests.pulse.two_directors.two_routers import ADDRESS

pytestmark = [pytest.mark.kernel, pytest.mark.long]

THRESHOLD = "net.ipv4.vs.sync_threshold"
NETWORKS = ("eth0", "eth1")
NAMES = (DIRECTOR.name, DIRECTOR2.name)


def configuration(reentry: int, more: str = "") -> str:
    # So long that a slow machine is not taken for a dead one.
    text = PAIR.format(serial=1, active=1, advert_ms=1000, more=more)
    return text.replace("reentry = 2", f"reentry = {reentry}")


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


def test_a_planned_switch_primes_the_partner_with_a_connection_it_did_not_know(linked: LinkedPair) -> None:
    first, second = linked.pair.directors
    linked.pair.settle(first)
    # The kernel would tell of no connection of so few packets.
    first.run("sysctl", "-qw", f"{THRESHOLD}=50 100")
    command = ["curl", "--silent", "--max-time", "60", f"http://{ADDRESS}/slow?s=15"]
    slow = linked.pair.cluster.start(CLIENT.name, command, stdout=subprocess.PIPE)
    linked.pair.until(lambda: "ESTABLISHED" in _connections(first), "there is a connection")
    linked.pair.until(lambda: _switchable(first) == [], "the partner is ready")
    assert "ESTABLISHED" not in _connections(second)
    report = first.switch(anyway=False)
    assert report["has_moved"], report
    assert "ESTABLISHED" in _connections(second), first.log.read_text()[-3000:]
    assert slow.stdout is not None
    assert slow.stdout.read().splitlines()[-1] == "end"
    assert first.run("sysctl", "-n", THRESHOLD).split() == ["50", "100"]
    first.run("sysctl", "-qw", f"{THRESHOLD}=3 50")


def test_a_switch_to_a_router_whose_pulse_is_silent_is_refused_and_moves_nothing(linked: LinkedPair) -> None:
    first, second = linked.pair.directors
    linked.pair.settle(first)
    moves = first.moves()
    assert second.process is not None
    second.process.send_signal(signal.SIGSTOP)
    try:
        linked.pair.until(lambda: "does not answer" in " ".join(_switchable(first) or ()), "the page says so")
        report = first.switch(anyway=False)
    finally:
        second.process.send_signal(signal.SIGCONT)
    assert not report["has_moved"]
    assert "pulse on 10.36.0.3 does not answer" in report["message"]
    assert first.moves() == moves


def test_a_primary_that_is_back_waits_for_the_connections_and_not_for_ever(linked: LinkedPair) -> None:
    first, second = linked.pair.directors
    more = "on_stop = withdraw\npreempt = 1\npreempt_in_step = 1\npreempt_in_step_within = 8\n"
    linked.until_agreed(linked.first.accept(configuration(2, more)))
    linked.pair.settle(first)
    since = time.time()
    first.stop()
    linked.pair.until(lambda: second.has_address, "the second takes over")
    with linked.pair.ask() as asking:
        linked.pair.until(lambda: asking.answered() > 20, "there are connections")
    first.start()
    linked.pair.until(lambda: _take_back(first) is not None, "the first one waits")
    waits = _take_back(first)
    assert waits is not None
    assert (waits["ours"] or 0) < (waits["theirs"] or 0)
    linked.pair.until(lambda: first.role() == "owner", "it takes them back")
    assert "without waiting any longer" in first.told(since)
    linked.pair.until(lambda: second.role() == "standby", "the second stands by")
    linked.until_agreed(linked.first.accept(configuration(3)))


def test_two_owners_are_told_on_the_pages_of_both(linked: LinkedPair) -> None:
    linked.pair.settle(linked.pair.first)
    linked.pair.cluster.part_directors("eth1")
    for name in NAMES:
        linked.pair.cluster.lose_adverts(name)
    linked.pair.comes_to(linked.pair.second, since := time.time())
    linked.until(lambda router: router.dispute() == "two", "both see two owners")
    pages = [router.look("/virtual") for router in linked.routers]
    for name in NAMES:
        linked.pair.cluster.hear_again(name)
    linked.pair.cluster.join_directors("eth1")
    assert all("Split brain: this router" in page for page in pages)
    assert all("answers for them" in page for page in pages)
    linked.until(lambda router: not router.dispute(), "it is over")
    assert all("only one router has the virtual IPs again" in router.told(since) for router in linked.routers)
    assert sum(director.has_address for director in linked.pair.directors) == 1
    linked.until(lambda router: router.hears(), "each hears the other again")


def test_of_two_owners_that_do_not_hear_each_other_but_talk_the_backup_gives_way(linked: LinkedPair) -> None:
    first, second = linked.pair.directors
    linked.pair.settle(first)
    with linked.pair.ask() as asking:
        linked.pair.cluster.part_directors()
        linked.pair.comes_to(second, since := time.time())
        linked.pair.until(lambda: not second.has_address, "the backup gives way")
        gone = asking.answered()
        linked.pair.until(lambda: asking.answered() > gone + 20, "requests are answered")
        assert [first.role(), second.role()] == ["owner", "standby"]
        linked.pair.cluster.join_directors()
        linked.pair.until(lambda: "is heard again" in second.told(since), "it takes part again")
    assert first.has_address
    linked.until(lambda router: "this router steps down" in router.story(since), "both tell who gave way")
    linked.until(lambda router: "this router keeps them" in router.story(since), "both tell who went on")


def test_of_two_owners_the_one_that_is_cut_off_gives_way(linked: LinkedPair) -> None:
    first, second = linked.pair.directors
    linked.pair.settle(first)
    linked.pair.cluster.isolate(first.node.name)
    linked.pair.comes_to(second, since := time.time())
    linked.pair.until(lambda: first.role() == "standby" and second.has_address, "the first gives way")
    with linked.pair.ask() as asking:
        linked.pair.until(lambda: asking.answered() > 5, "requests are answered")
    assert "no neighbour answers this router" in first.told(since)
    linked.pair.cluster.let_in_again(first.node.name)
    linked.pair.until(lambda: "is heard again" in first.told(since), "it takes part again")
    linked.pair.until(lambda: sum(director.has_address for director in linked.pair.directors) == 1, "one owner")
    linked.until(lambda router: not router.dispute(), "it is over")


def test_that_nobody_has_the_address_is_told_by_both(linked: LinkedPair) -> None:
    linked.pair.cluster.cut_off(*NAMES, interface="eth0")
    since = time.time()
    linked.until(lambda router: router.dispute() == "nobody", "both see no owner")
    linked.pair.cluster.plug_in_again(*NAMES)
    linked.until(lambda router: not router.dispute(), "it is over")
    for router in linked.routers:
        assert "No router owns the virtual IPs" in router.told(since)
        assert "have an owner again" in router.told(since)


def test_what_was_edited_on_both_during_a_partition_is_overwritten_on_neither_until_one_chooses(
    linked: LinkedPair,
) -> None:
    for network in NETWORKS:
        linked.pair.cluster.part_directors(network)
    for router, reentry in ((linked.first, 5), (linked.second, 6)):
        router.accept(configuration(reentry))
    for network in NETWORKS:
        linked.pair.cluster.join_directors(network)
    linked.until(lambda router: router.status()["standing"] == "diverged", "both say so")
    for router, reentry in ((linked.first, 5), (linked.second, 6)):
        assert f"reentry = {reentry}".encode() in router.lvs_cf()
        assert router.applied() == router.status()["ours"]["serial_no"]
    linked.pair.until(lambda: sum(director.has_address for director in linked.pair.directors) == 1, "one owner")
    linked.second.press("/partner", "choose", "TAKE THE PARTNER'S")
    linked.until_agreed(linked.second.status()["ours"]["serial_no"])
    assert b"reentry = 5" in linked.second.lvs_cf()


def test_of_two_routers_that_start_at_once_one_has_the_address_and_both_the_table(linked: LinkedPair) -> None:
    serial = linked.first.applied()
    linked.lose_power()
    since = time.time()
    linked.start()
    linked.pair.until(lambda: sum(director.has_address for director in linked.pair.directors) == 1, "one owner")
    linked.until(has_right_table, "both have the table")
    linked.pair.until(
        lambda: {director.role() for director in linked.pair.directors} == {"owner", "standby"},
        "one owner, one standby",
    )
    linked.until_agreed(serial)
    assert [director.has_address for director in linked.pair.directors] == [
        director.role() == "owner" for director in linked.pair.directors
    ]
    with linked.pair.ask() as asking:
        linked.pair.until(lambda: asking.answered() > 5, "requests are answered")
    for router in linked.routers:
        assert "No router owns the virtual IPs" not in router.told(since)
    linked.until(lambda router: router.story(since).count("starts to take part in the pair") == 2, "both tell")


def _connections(director: PairDirector) -> str:
    return director.run("cat", "/proc/net/ip_vs_conn")


def _switchable(director: PairDirector) -> list[str] | None:
    pair = director.status()["pair"]
    return pair["switchable"]["obstacles"] if pair and pair["switchable"] else None


def _take_back(director: PairDirector) -> TakeBackReport | None:
    pair = director.status()["pair"]
    return pair["take_back"] if pair else None


def _partners_sync(router: LinkedDirector) -> tuple[str, bool]:
    theirs = router.status()["theirs"]
    return (theirs["sync"], (theirs["connections"] or 0) > 5) if theirs else ("", False)
