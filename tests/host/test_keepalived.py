"""The real keepalived judges what it is to read."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from app.host.keepalived import Keepalived, KeepalivedFailed
from tests.waiting import has_ended, until

CASES = sorted((Path(__file__).parents[1] / "lvs/cases").glob("keepalived-*.conf"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_what_is_written_is_accepted_without_a_word(case: Path, tmp_path: Path) -> None:
    keepalived = Keepalived(tmp_path)
    assert keepalived.write(case.read_text())
    assert (tmp_path / "keepalived.conf").read_text() == case.read_text()
    assert not keepalived.write(case.read_text())


def test_what_it_refuses_is_told_and_what_was_before_stays(tmp_path: Path) -> None:
    keepalived = Keepalived(tmp_path)
    good = CASES[0].read_text()
    keepalived.write(good)
    with pytest.raises(KeepalivedFailed, match=r"refuses its configuration \(.*nopremt"):
        keepalived.write(good.replace("state BACKUP", "nopremt"))
    assert (tmp_path / "keepalived.conf").read_text() == good


def test_without_keepalived_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(KeepalivedFailed, match="apt-get install keepalived"):
        Keepalived(tmp_path, str(tmp_path)).program()


def test_a_process_id_that_is_another_programs_by_now_is_not_taken_up(tmp_path: Path) -> None:
    (tmp_path / "keepalived.pid").write_text("1\n")
    assert not Keepalived(tmp_path).adopt()


ANSWER = {
    "data": {"state": 1, "effective_priority": 100, "base_priority": 100, "adver_int": 0.4, "nopreempt": True},
    "stats": {"advert_sent": 0},
}


# As keepalived does, it has a process that has its command line and its session; it tells which.
WITH_A_CHILD = "import os, signal; print(os.fork() or signal.pause(), flush=True); signal.pause()"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Keepalived]:
    """A process that is taken for a keepalived with the configuration of this directory."""
    keepalived = Keepalived(tmp_path)
    keepalived.write(CASES[0].read_text())
    with waiting("--use-file", str(tmp_path / "keepalived.conf")) as (process, child):
        (tmp_path / "keepalived.pid").write_text(f"{process.pid}\n")
        (tmp_path / "keepalived.vrrp.pid").write_text(f"{child}\n")
        yield keepalived
    keepalived.collect()


@contextmanager
def waiting(*words: str) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """A process that waits for the end of the block, with `words` at the end of its command line; its child."""
    command = [sys.executable, "-c", WITH_A_CHILD, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        try:
            yield process, child
        finally:
            for pid in (process.pid, child):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def test_what_one_that_is_taken_up_answered_before_is_no_answer(running: Keepalived, tmp_path: Path) -> None:
    answers = tmp_path / "keepalived.json"
    answers.write_text(json.dumps([ANSWER]))
    assert running.adopt()
    assert running.answer() is None
    answers.write_text(json.dumps([ANSWER]))
    answer = running.answer()
    assert answer is not None
    assert answer.is_taking_part


def test_all_its_processes_are_killed_even_if_they_have_not_named_themselves_and_no_other_is(
    running: Keepalived, tmp_path: Path
) -> None:
    processes = [int((tmp_path / name).read_text()) for name in ("keepalived.pid", "keepalived.vrrp.pid")]
    configuration = str(tmp_path / "keepalived.conf")
    # A stranger, as in a container, and somebody who reads the file.
    with waiting("--use-file", configuration) as (stranger, _), waiting(configuration) as (reader, _):
        assert running.adopt()
        (tmp_path / "keepalived.vrrp.pid").unlink()
        running.kill()
        until(lambda: all(map(has_ended, processes)), "both end")
        for other in (stranger, reader):
            other.terminate()
            assert other.wait() == -signal.SIGTERM


def test_what_an_earlier_pulse_left_of_one_that_was_killed_is_killed_before_the_next_one_starts(
    running: Keepalived, tmp_path: Path
) -> None:
    process, child = (int((tmp_path / name).read_text()) for name in ("keepalived.pid", "keepalived.vrrp.pid"))
    os.kill(process, signal.SIGKILL)
    assert not has_ended(child)
    # It runs and ends: this is about what is before.
    (tmp_path / "keepalived").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "keepalived").chmod(0o755)
    next_one = Keepalived(tmp_path, str(tmp_path))
    next_one.start()
    until(lambda: has_ended(child), "it ends")
    next_one.collect()
