"""The real keepalived judges what it is to read."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.host.keepalived import Keepalived, KeepalivedFailed

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


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Keepalived]:
    """A process that is taken for a keepalived with the configuration of this directory."""
    keepalived = Keepalived(tmp_path)
    keepalived.write(CASES[0].read_text())
    with waiting("--use-file", str(tmp_path / "keepalived.conf")) as process:
        (tmp_path / "keepalived.pid").write_text(f"{process.pid}\n")
        yield keepalived
    keepalived.collect()


@contextmanager
def waiting(*words: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that waits for the block to end, with these words at the end of its command line."""
    command = [sys.executable, "-c", "print(flush=True); input()", *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        # Its command line can be read a moment after it has begun.
        assert process.stdout.readline()
        yield process
        process.kill()


def test_what_one_that_is_taken_up_answered_before_is_no_answer(running: Keepalived, tmp_path: Path) -> None:
    answers = tmp_path / "keepalived.json"
    answers.write_text(json.dumps([ANSWER]))
    assert running.adopt()
    assert running.answer() is None
    answers.write_text(json.dumps([ANSWER]))
    answer = running.answer()
    assert answer is not None
    assert answer.is_taking_part


def test_all_that_runs_with_its_configuration_is_killed_and_nobody_who_reads_it(
    running: Keepalived, tmp_path: Path
) -> None:
    configuration = str(tmp_path / "keepalived.conf")
    with waiting("--use-file", configuration) as child, waiting(configuration) as reader:
        assert running.adopt()
        running.kill()
        assert child.wait() == -signal.SIGKILL
        assert reader.poll() is None
