"""A pair of directors when something breaks: the right one has the virtual IP soon, and never two for long.

How long each takes is measured, and judged, by `make bench-pair`. The two are partners over the private
network, and each fault is told on the page PARTNER of both: WHAT HAPPENED there is what `told_on_both` looks at.
"""

import os
import signal
import subprocess
import time

import pytest

from lab.network import CLIENT, DIRECTOR, DIRECTOR2
from tests.pulse.two_directors.linked import LinkedPair
from tests.pulse.two_directors.pair import PairDirector, PairOfDirectors

pytestmark = [pytest.mark.kernel, pytest.mark.long]


class FaultyPair(LinkedPair):
    """The two, and what both tell."""

    def told_on_both(self, text: str, since: float = 0.0) -> None:
        """Return when both routers tell that `text` happened, after `since`."""
        self.until(lambda router: text in router.story(since), f"both tell: {text}")


@pytest.fixture(scope="module")
def linked(pair: PairOfDirectors) -> FaultyPair:
    for director in pair.directors:
        director.write("serial_no = 0\nservice = lvs\n")
    both = FaultyPair(pair)
    both.start()
    both.couple()
    pair.apply()
    return both


@pytest.fixture(scope="module")
def started(linked: FaultyPair) -> PairOfDirectors:
    return linked.pair


@pytest.fixture
def owned(started: PairOfDirectors) -> PairOfDirectors:
    """The pair, with the first director as the owner."""
    started.settle(started.first)
    return started


def test_a_killed_pulse_takes_nothing_away_and_the_next_one_goes_on(
    owned: PairOfDirectors, linked: FaultyPair
) -> None:
    before, moves, since = owned.first.keepalived(), owned.first.moves(), time.time()
    with owned.ask() as asking:
        owned.first.kill()
        linked.pair.until(lambda: linked.second.knows_silent_pulse(), "the partner tells of a silent pulse")
        owned.first.start()
        owned.until(lambda: owned.first.role() == "owner", "the new pulse takes the role up")
        owned.until(lambda: asking.answered() > 5, "requests are answered")
    assert owned.first.keepalived() == before
    assert owned.first.moves() == moves
    assert not owned.second.has_address
    assert not [request for request in asking.requests() if request.failure]
    linked.told_on_both("pulse on 10.36.0.2 does not answer", since)
    linked.told_on_both("pulse on 10.36.0.2 answers again", since)


def test_a_hanging_pulse_takes_nothing_away(owned: PairOfDirectors, linked: FaultyPair) -> None:
    moves, since = owned.first.moves(), time.time()
    assert owned.first.process is not None
    with owned.ask() as asking:
        owned.first.process.send_signal(signal.SIGSTOP)
        linked.pair.until(lambda: linked.second.knows_silent_pulse(), "the partner tells of a silent pulse")
        owned.until(lambda: asking.answered() > 15, "requests are answered")
        owned.first.process.send_signal(signal.SIGCONT)
    assert owned.first.moves() == moves
    assert not owned.second.has_address
    assert not [request for request in asking.requests() if request.failure]
    linked.told_on_both("pulse on 10.36.0.2 does not answer", since)


def test_a_killed_keepalived_is_started_again_and_one_router_has_the_address(
    owned: PairOfDirectors, linked: FaultyPair
) -> None:
    before, since = owned.first.keepalived(), time.time()
    owned.first.signal_keepalived(signal.SIGKILL)
    owned.until(lambda: _runs_anew(owned.first, before), "keepalived runs again")
    owned.until(lambda: sum(director.has_address for director in owned.directors) == 1, "one owner")
    owned.until(lambda: {director.role() for director in owned.directors} == {"owner", "standby"}, "two roles")
    linked.told_on_both("keepalived is being restarted: it exited on its own", since)


def test_a_hanging_keepalived_is_replaced_and_its_addresses_go(owned: PairOfDirectors, linked: FaultyPair) -> None:
    before, since = owned.first.keepalived(), time.time()
    owned.first.signal_keepalived(signal.SIGSTOP)
    owned.comes_to(owned.second, since)
    owned.until(lambda: not owned.first.has_address, "the first lets go")
    owned.until(lambda: _runs_anew(owned.first, before), "keepalived runs again")
    linked.told_on_both("it has not answered for 5 s", since)
    linked.told_on_both("10.36.0.2 has been silent", since)


def test_a_router_that_is_stopped_and_withdraws_hands_over(owned: PairOfDirectors, linked: FaultyPair) -> None:
    owned.apply("on_stop = withdraw\n")
    owned.settle(owned.first)
    since = time.time()
    owned.first.stop()
    owned.comes_to(owned.second, since)
    assert not owned.first.has_address
    owned.first.start()
    owned.until(lambda: owned.first.role() == "standby", "it stands by when it is back")
    owned.apply()
    linked.told_on_both("pulse is being stopped on this router", since)


def test_a_router_without_carrier_is_replaced_and_stands_by_afterwards(
    owned: PairOfDirectors, linked: FaultyPair
) -> None:
    since = time.time()
    owned.cluster.cut_off(DIRECTOR.name)
    owned.comes_to(owned.second, since)
    owned.cluster.plug_in_again(DIRECTOR.name)
    owned.until(lambda: owned.first.role() == "standby", "it stands by when it is back")
    linked.told_on_both("interface eth0 has no link", since)
    linked.told_on_both("this router cannot take over", since)


def test_after_a_partition_there_is_one_owner_and_the_client_finds_it(
    owned: PairOfDirectors, linked: FaultyPair
) -> None:
    since = time.time()
    owned.cluster.part_directors()
    owned.comes_to(owned.second, since)
    owned.cluster.join_directors()
    owned.until(lambda: sum(director.has_address for director in owned.directors) == 1, "one owner")
    with owned.ask() as asking:
        owned.until(lambda: asking.answered() > 5, "requests are answered")
    # Neighbours believe who announced last, which was not the one that has it now.
    assert not [request for request in asking.requests() if request.failure]
    linked.told_on_both("10.36.0.2 has been silent", since)


def test_a_router_the_partner_does_not_hear_gives_way(owned: PairOfDirectors, linked: FaultyPair) -> None:
    owned.cluster.deafen(DIRECTOR2.name, DIRECTOR.name)
    since = time.time()
    owned.comes_to(owned.second, since)
    owned.until(lambda: not owned.first.has_address, "the first gives way")
    owned.cluster.hear_again(DIRECTOR.name)
    linked.told_on_both("does not hear that this router has them: this router steps down", since)


def test_an_interface_made_anew_is_one_a_router_can_serve_on(owned: PairOfDirectors, linked: FaultyPair) -> None:
    since = time.time()
    owned.cluster.delete_interface(DIRECTOR.name, "eth0")
    owned.comes_to(owned.second, since)
    owned.cluster.make_interface(DIRECTOR.name, "eth0")
    owned.until(lambda: owned.first.role() == "standby", "it stands by when it is back")
    linked.told_on_both("interface eth0 does not exist", since)
    owned.settle(owned.first)


def test_a_stranger_with_the_highest_priority_gets_nothing_and_is_told_of(
    owned: PairOfDirectors, linked: FaultyPair
) -> None:
    since, moves = time.time(), [director.moves() for director in owned.directors]
    address = str(CLIENT.legs[0].ipv4)
    # It tells each of the two by itself as well, oftener than the owner speaks.
    told = [str(node.legs[0].ipv4) for node in (DIRECTOR, DIRECTOR2)]
    rogue = ["python", "-m", "tests.pulse.two_directors.rogue_router", "36", address, "169.254.36.36", *told]
    owned.cluster.run(CLIENT.name, rogue)
    assert [director.moves() for director in owned.directors] == moves
    linked.told_on_both(f"{address} uses virtual router ID 36", since)


@pytest.mark.skipif(os.environ.get("PALOMETA_LAB") == "native", reason="the clock is the whole machine's")
def test_a_clock_that_jumps_moves_nothing(owned: PairOfDirectors, linked: FaultyPair) -> None:
    moves = [director.moves() for director in owned.directors]
    now = time.clock_gettime(time.CLOCK_REALTIME)
    with owned.ask() as asking:
        time.clock_settime(time.CLOCK_REALTIME, now + 31_536_000)
        owned.until(lambda: asking.answered() > 8, "requests are answered")
        time.clock_settime(time.CLOCK_REALTIME, now - 3600)
        answered = asking.answered()
        owned.until(lambda: asking.answered() > answered + 8, "requests are answered")
        time.clock_settime(time.CLOCK_REALTIME, now + 3)
    assert [director.moves() for director in owned.directors] == moves
    assert not [request for request in asking.requests() if request.failure]
    linked.told_on_both("the clock of this router was set 365 days forward")


def test_an_established_connection_survives_a_switch(owned: PairOfDirectors) -> None:
    # The kernel gathers what it tells of connections for two seconds.
    command = ["curl", "--silent", "--max-time", "60", "http://10.36.0.10/slow?s=12"]
    slow = owned.cluster.start(CLIENT.name, command, stdout=subprocess.PIPE)
    owned.until(lambda: "ESTABLISHED" in _connections(owned.second), "the backup knows the connection")
    assert owned.first.switch()["has_moved"]
    assert slow.stdout is not None
    assert slow.stdout.read().splitlines()[-1] == "end"


def _runs_anew(director: PairDirector, before: list[int]) -> bool:
    try:
        return not set(director.keepalived()) & set(before)
    except (OSError, ValueError):
        return False


def _connections(director: PairDirector) -> str:
    return director.run("cat", "/proc/net/ip_vs_conn")
