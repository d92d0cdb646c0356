"""A keepalived that is killed leaves no process: it would remove the files of the next one when it ends."""

import signal

import pytest

from app.host.keepalived import Keepalived
from tests.pulse.two_directors.pair import PairOfDirectors
from tests.pulse.two_directors.two_routers import signal_all
from tests.waiting import has_ended, until

pytestmark = pytest.mark.kernel


def test_one_that_has_not_named_its_process_yet_is_killed_as_a_whole(started: PairOfDirectors) -> None:
    started.apply()
    first = started.first
    started.settle(first)
    processes = first.keepalived()
    first.kill()
    keepalived = Keepalived(first.installation.runtime_directory)
    assert keepalived.adopt()
    # As it is before it is ready; and it does not end by itself.
    (first.installation.runtime_directory / "keepalived.vrrp.pid").unlink()
    signal_all(signal.SIGSTOP, processes[1:])
    keepalived.kill()
    until(lambda: all(map(has_ended, processes)), "both processes end")
    keepalived.collect()
    first.start()


def test_what_is_left_of_a_killed_one_ends_before_the_next_one_runs(started: PairOfDirectors) -> None:
    started.apply()
    first = started.first
    started.settle(first)
    parent, child = first.keepalived()
    # It would exit without its parent.
    signal_all(signal.SIGSTOP, [child])
    signal_all(signal.SIGKILL, [parent])
    until(lambda: has_ended(child), "the VRRP process ends")
    started.settle(first)
    assert not {parent, child} & set(first.keepalived())
