"""send_program: only root's programs, without powers, ended with all they started."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.host.check_programs import ProgramRefused, approved
from app.lvs.checks.check import Outcome, Result
from app.lvs.model.check_kinds import CheckKind
from lab.installation import AS_PULSE
from tests.host.probes.asking import ask, check
from tests.host.probes.programs import alive, directory, put

__all__ = ["directory"]

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can put programs there")


def run(directory: Path, text: str, arguments: str = "", **more: Any) -> Result:
    put(directory, text)
    asked = check(8080, CheckKind.PROGRAM, program=f"/opt/piranha/probe {arguments}", limit_s=5)
    return ask(replace(asked, **more), directory)


def test_it_passes_when_it_prints_what_is_expected(directory: Path) -> None:
    assert run(directory, "echo OK", expect=b"OK").outcome is Outcome.PASSED
    result = run(directory, "echo OK; echo more", expect=b"OK")
    assert result.outcome is Outcome.FAILED
    assert r"printed 'OK\nmore', expected 'OK'" in result.message


def test_a_status_other_than_0_is_a_failure_unlike_in_piranha(directory: Path) -> None:
    result = run(directory, "echo OK; exit 3", expect=b"OK")
    assert result.outcome is Outcome.FAILED
    assert "exited with status 3" in result.message


def test_without_expect_the_status_decides(directory: Path) -> None:
    assert run(directory, "exit 0").outcome is Outcome.PASSED
    assert run(directory, "exit 1").outcome is Outcome.FAILED


def test_address_and_port_are_words_and_no_shell_reads_them(directory: Path) -> None:
    result = run(directory, 'echo "$1|$2|$3|$4"', "%h %p x%h $(id)", expect=b"127.0.0.1|8080|x%h|$(id)")
    assert result.outcome is Outcome.PASSED, result.message


@pytest.mark.parametrize("word", [b"stra\xdfe", "straße".encode()])
def test_the_words_it_gets_are_the_bytes_of_the_file(directory: Path, word: bytes) -> None:
    result = run(directory, 'printf %s "$1"', word.decode(errors="surrogateescape"), expect=word)
    assert result.outcome is Outcome.PASSED, result.message


def test_a_program_that_is_not_there_is_named_so_that_it_can_be_shown(directory: Path) -> None:
    asked = check(8080, CheckKind.PROGRAM, program=b"pr\xfcfe".decode(errors="surrogateescape"))
    result = ask(asked, directory)
    assert (result.outcome, result.message.isprintable()) == (Outcome.NOT_RUN, True)


def test_it_has_no_environment_no_input_and_no_powers(directory: Path) -> None:
    text = (
        "/usr/bin/env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD=; cat; id -un; id -G; "
        "grep -c -e '^Cap[A-Z][a-z]*:.0000000000000000' /proc/self/status; grep NoNewPrivs /proc/self/status"
    )
    group = subprocess.run(["id", "-g", "nobody"], capture_output=True, text=True, check=True).stdout.strip()
    result = run(directory, text, expect=f"nobody\n{group}\n5\nNoNewPrivs:\t1".encode())
    assert result.outcome is Outcome.PASSED, result.message


# In the lab, where another user reaches this clone wherever it is.
@pytest.mark.kernel
def test_without_root_it_keeps_none_of_pulses_capabilities(directory: Path) -> None:
    put(directory, "grep -c -e '^Cap\\(Inh\\|Prm\\|Eff\\|Amb\\):.0000000000000000' /proc/self/status")
    script = (
        "from pathlib import Path; from tests.host.probes.asking import ask, check; "
        "from app.lvs.model.check_kinds import CheckKind; "
        "one = check(1, CheckKind.PROGRAM, program='probe', expect=b'4', limit_s=5); "
        f"r = ask(one, Path({str(directory)!r})); "
        "print(r.outcome.name, r.message)"
    )
    command = [*AS_PULSE, sys.executable, "-B", "-c", script]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.stdout.startswith("PASSED"), said.stdout + said.stderr


def test_one_that_hangs_is_ended_with_all_it_started(directory: Path) -> None:
    seconds = str(9_000_000 + os.getpid())
    put(directory, f"trap '' TERM; sleep {seconds} & sleep {seconds}")
    result = ask(check(1, CheckKind.PROGRAM, program="probe", limit_s=1), directory)
    assert result.outcome is Outcome.FAILED
    assert "timed out" in result.message
    assert not alive(seconds)


def test_one_that_leaves_something_behind_is_cleaned_up_after(directory: Path) -> None:
    seconds = str(8_000_000 + os.getpid())
    result = run(directory, f"sleep {seconds} & echo OK", expect=b"OK")
    assert result.outcome is Outcome.PASSED, result.message
    assert not alive(seconds)


def test_one_that_forks_without_end_is_held_and_ended_with_all_it_started(directory: Path) -> None:
    seconds = str(7_000_000 + os.getpid())
    put(directory, f"trap '' TERM; while :; do sleep {seconds} & done")
    result = ask(check(1, CheckKind.PROGRAM, program="probe", limit_s=5), directory)
    assert result.outcome is Outcome.FAILED
    assert result.message.startswith("program probe: ")
    assert not alive(seconds)


def test_one_that_floods_is_ended(directory: Path) -> None:
    result = run(directory, "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxx; done")
    assert result.outcome is Outcome.FAILED
    assert "printed more than 4095 bytes" in result.message


def test_one_that_is_not_there_is_the_directors_lack_and_says_what_to_do(directory: Path) -> None:
    result = ask(check(1, CheckKind.PROGRAM, program="/usr/bin/id"), directory)
    assert result.outcome is Outcome.NOT_RUN
    assert f"ln -s /path/of/id {directory}/id" in result.message


def test_what_others_may_change_is_not_run(directory: Path, tmp_path: Path) -> None:
    program = put(directory, "exit 0")
    assert approved(directory, "/anywhere/probe") == program
    program.chmod(0o775)
    with pytest.raises(ProgramRefused, match="can be changed by users other than root"):
        approved(directory, "probe")
    program.chmod(0o755)
    os.chown(program, 65534, 0)
    with pytest.raises(ProgramRefused, match="chown root"):
        approved(directory, "probe")
    os.chown(program, 0, 0)
    directory.chmod(0o777)
    with pytest.raises(ProgramRefused, match="can be changed by users other than root"):
        approved(directory, "probe")


def test_a_link_is_followed_and_its_target_judged(directory: Path) -> None:
    elsewhere = directory / "elsewhere"
    elsewhere.mkdir(mode=0o777)
    elsewhere.chmod(0o777)
    put(elsewhere, "exit 0", "real")
    (directory / "probe").symlink_to(elsewhere / "real")
    with pytest.raises(ProgramRefused, match="elsewhere can be changed"):
        approved(directory, "probe")


@pytest.mark.parametrize("depth", [1, 2])
def test_a_link_that_somebody_else_can_turn_approves_nothing(directory: Path, depth: int) -> None:
    home = directory / "home"
    home.mkdir()
    theirs = home / "probe"
    theirs.symlink_to("/bin/sh")
    os.chown(theirs, 5000, 5000, follow_symlinks=False)
    last = theirs
    for number in range(depth - 1):
        last = directory / f"link{number}"
        last.symlink_to(theirs)
    (directory / "probe").symlink_to(last)
    with pytest.raises(ProgramRefused, match=r"home/probe is a link that users other than root can change"):
        approved(directory, "probe")
    # Nor does root's own link in a directory where others can put another in its place.
    os.chown(theirs, 0, 0, follow_symlinks=False)
    assert approved(directory, "probe") == Path("/bin/sh").resolve()
    os.chown(home, 5000, 5000)
    with pytest.raises(ProgramRefused, match=r"home can be changed by users other than root"):
        approved(directory, "probe")


def test_a_directory_on_the_way_of_a_link_is_judged_although_the_link_leaves_it_again(directory: Path) -> None:
    program = put(directory, "exit 0", "real")
    theirs = directory / "theirs"
    theirs.mkdir()
    (directory / "probe").symlink_to("theirs/../real")
    assert approved(directory, "probe") == program
    os.chown(theirs, 5000, 5000)
    with pytest.raises(ProgramRefused, match=r"theirs can be changed by users other than root"):
        approved(directory, "probe")


def test_links_that_lead_in_a_circle_are_no_program(directory: Path) -> None:
    (directory / "probe").symlink_to("other")
    (directory / "other").symlink_to("probe")
    with pytest.raises(ProgramRefused, match="does not exist"):
        approved(directory, "probe")


def test_nothing_outside_the_directory_is_found(directory: Path) -> None:
    for word in ("..", "/", "", "a/.."):
        with pytest.raises(ProgramRefused, match="names no program"):
            approved(directory, word)
