"""Programs forked with their modules loaded: what they are is what the installed command would be."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import namespaces
from lab.cluster import CLONE
from lab.installation import PULSE, WEB
from lab.privileges import Privileges
from lab.programs import PALOMETA, Program, run, start

pytestmark = pytest.mark.kernel

NAMESPACE = "apart"
TOLD = "tests.lab.privileges_told"
ENVIRONMENT = {"PATH": os.environ["PATH"], "PALOMETA_PORT": "4000"}


@pytest.fixture(scope="module", autouse=True)
def namespace() -> Iterator[None]:
    namespaces.add([NAMESPACE])
    yield
    namespaces.delete([NAMESPACE])


@pytest.mark.parametrize("privileges", [None, WEB, PULSE], ids=["root", "web", "pulse"])
def test_its_privileges_and_surroundings_are_those_that_setpriv_gives(privileges: Privileges | None) -> None:
    setpriv = privileges.setpriv if privileges else ()
    command = ["ip", "netns", "exec", NAMESPACE, *setpriv, sys.executable, "-m", TOLD]
    started = subprocess.run(command, env=ENVIRONMENT, cwd=CLONE, capture_output=True, text=True, check=True)
    forked = run(Program(TOLD, (), NAMESPACE, ENVIRONMENT, privileges), 60.0)
    assert forked.stdout == started.stdout, forked.stderr
    assert "PALOMETA_PORT=4000" in forked.stdout


def test_how_it_ends_and_what_it_says_is_known() -> None:
    refused = run(Program(PALOMETA, ("no-such-command",), NAMESPACE), 60.0)
    assert refused.returncode == 2
    assert "no-such-command" in refused.stderr
    assert refused.stdout == ""


def test_one_that_runs_is_read_and_ended(tmp_path: Path) -> None:
    server = start(Program("lab.webserver", ("web9", "--tcp", "80"), NAMESPACE), is_read=True)
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    assert server.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        server.wait(0.0)
    server.terminate()
    assert server.wait(60.0) == -signal.SIGTERM
    assert server.poll() == -signal.SIGTERM
    # Ended once, it is signalled no more: its number may be another's.
    server.kill()
    assert server.stdout.read() == ""
    server.stdout.close()
