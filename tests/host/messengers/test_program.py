"""The notification program: root's own, without powers, with the message on its input."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from app.host.messengers.program import Program
from app.host.probes.kinds.program import Programs
from tests.host.messengers.messages import a_message, send, why_not
from tests.host.probes.programs import alive, directory, put

__all__ = ["directory"]

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can put programs there")


def program(directory: Path, word: str = "probe", limit_s: float = 10.0) -> Program:
    return Program(word, Programs(directory, "nobody"), limit_s)


def refusal(name: Program) -> str:
    return asyncio.run(why_not(name))


def test_it_gets_the_message_as_json_on_its_input_and_no_arguments(directory: Path) -> None:
    out = directory / "out"
    out.mkdir()
    out.chmod(0o777)
    put(directory, f'cat >{out}/message; echo "$#" >{out}/words; id -un >{out}/user')
    assert send(program(directory)) == "program probe exited with status 0"
    assert json.loads((out / "message").read_text()) == a_message().document()
    assert (out / "words").read_text() == "0\n"
    assert (out / "user").read_text() == "nobody\n"


def test_one_that_does_not_read_its_input_is_no_trouble(directory: Path) -> None:
    put(directory, "exit 0")
    message = a_message("web" * 10_000)
    assert send(program(directory), message).endswith("status 0")


def test_a_status_other_than_0_is_said_with_what_it_printed(directory: Path) -> None:
    put(directory, "echo no such room; exit 4")
    assert r"program probe exited with status 4 and printed 'no such room\n'" in refusal(program(directory))


def test_one_that_hangs_is_ended_with_all_it_started(directory: Path) -> None:
    seconds = str(7_000_000 + os.getpid())
    put(directory, f"trap '' TERM; sleep {seconds} & sleep {seconds}")
    assert "did not finish within 1 s" in refusal(program(directory, limit_s=1.0))
    assert not alive(seconds)


def test_one_that_root_has_not_approved_is_not_run_and_it_is_said_what_to_do(directory: Path) -> None:
    assert "ln -s /path/of/id" in refusal(program(directory, "/usr/bin/id"))
    assert "probe one does not exist" in refusal(program(directory, "probe one"))
    put(directory, "exit 0").chmod(0o777)
    assert "can be changed by users other than root" in refusal(program(directory))


def test_one_that_floods_or_is_killed_is_said_so(directory: Path) -> None:
    put(directory, "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxx; done")
    assert "printed more than 4095 bytes" in refusal(program(directory))
    put(directory, "kill -9 $$")
    assert "was killed by signal 9" in refusal(program(directory))
