"""Servers really go and return, and somebody outside is told by a pulse with no more privileges than it has."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.cluster import Cluster
from lab.installation import PULSE_USER
from tests.pulse.director import Director
from tests.pulse.one_director.web_servers import QUICK, WEB, states, weights
from tests.pulse.web_service_cf import lvs_cf
from tests.waiting import until

pytestmark = pytest.mark.kernel


@pytest.fixture(autouse=True)
def well_servers(cluster: Cluster) -> Iterator[None]:
    """Give the next test servers that run."""
    yield
    for name in WEB:
        if not cluster.is_serving(name):
            cluster.start_web_servers(name)


@pytest.fixture
def told(director: Director, tmp_path: Path) -> Path:
    """The file to which a program of root's appends each message it gets."""
    checks, out = tmp_path / "checks", tmp_path / "out"
    checks.mkdir(mode=0o755)
    out.mkdir()
    out.chmod(0o777)
    program = checks / "tell"
    program.write_text(
        f"#!/bin/sh\n{{ id -u; grep -e ^CapEff -e ^CapAmb /proc/self/status; }} >{out}/powers\n"
        f"cat >>{out}/messages; echo >>{out}/messages\n"
    )
    program.chmod(0o755)
    director.environment["PALOMETA_CHECK_DIRECTORY"] = str(checks)
    return out / "messages"


def messages(told: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told.read_text().splitlines()] if told.exists() else []


def changes(told: Path) -> list[tuple[str, str]]:
    return [(change["server"], change["kind"]) for message in messages(told) for change in message["changes"]]


def wait_for(told: Path, server: str, *kinds: str) -> None:
    """Return when these are the events of `server` that were told, in this order."""

    def found() -> list[str]:
        return [kind for name, kind in changes(told) if name == server]

    until(lambda: found() == list(kinds), lambda: f"of {server} was told {found()}")


def telling(serial: int) -> str:
    return f'notify_program = "tell"\nnotify_gap = 1\n{lvs_cf(serial, *QUICK)}'


def test_who_goes_and_returns_is_told_by_a_program_without_powers(
    cluster: Cluster, director: Director, told: Path
) -> None:
    director.start()
    director.apply(telling(1))
    wait_for(told, "web2", "up")
    cluster.stop_web_server("web2")
    wait_for(told, "web2", "up", "down")
    cluster.start_web_servers("web2")
    wait_for(told, "web2", "up", "down", "up")
    assert "1 server out: web2 of WEB" in [message["subject"].partition(": ")[2] for message in messages(told)]
    powers = (told.parent / "powers").read_text().split()
    assert powers == [str(PULSE_USER), "CapEff:", "0" * 16, "CapAmb:", "0" * 16]


def test_events_outlive_a_pulse_that_is_killed_and_are_not_told_again(
    cluster: Cluster, director: Director, told: Path
) -> None:
    director.start()
    director.apply(telling(1))
    cluster.stop_web_server("web2")
    director.wait(lambda status: states(status)["web2"] == "down")
    wait_for(told, "web2", "up", "down")
    before, said = director.status()["events"], len(messages(told))
    director.kill()
    director.start()
    assert director.status()["events"][: len(before)] == before
    cluster.start_web_servers("web2")
    director.wait(lambda status: weights(status) == {"11": 1, "12": 1, "13": 1})
    director.wait(lambda status: status["events"][-1]["kind"] == "up")
    director.stop()
    again = [change for message in messages(told)[said:] for change in message["changes"]]
    assert {message["server"] for message in again} == {"web2"}
    kept = director.installation.runtime_directory / "events.jsonl"
    assert (kept.stat().st_uid, kept.stat().st_mode & 0o777) == (PULSE_USER, 0o640)


def test_what_waits_for_the_gap_is_told_when_pulse_stops(cluster: Cluster, director: Director, told: Path) -> None:
    director.start()
    director.apply(telling(1).replace("notify_gap = 1", "notify_gap = 3600"))
    wait_for(told, "web2", "up")
    cluster.stop_web_server("web2")
    director.wait(lambda status: states(status)["web2"] == "down")
    assert ("web2", "down") not in changes(told)
    director.stop()
    assert changes(told)[-1] == ("web2", "down")
