"""Events outlive pulse: written at once, read at its start, within bounds, whatever the disk does."""

import json
import logging
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.lvs.reports.status import EventKind, EventReport
from app.pulse.events.file import EventFile
from app.pulse.events.log import EVENTS_KEPT, EVENTS_REPORTED, EventLog, line


def event(number: int, kind: EventKind = "down") -> EventReport:
    return {
        "at": float(number),
        "kind": kind,
        "virtual": "web",
        "server": f"web{number}",
        "target": "",
        "reason": "r",
    }


def numbers(events: list[EventReport]) -> list[int]:
    return [int(recorded["at"]) for recorded in events]


def kept(directory: Path, count: int = EVENTS_KEPT) -> list[int]:
    """Return which events a pulse that starts now would know."""
    return numbers(EventFile(directory).last(count))


def test_what_is_kept_is_known_again_in_order(tmp_path: Path) -> None:
    file = EventFile(tmp_path)
    for number in range(5):
        file.keep(event(number))
    assert kept(tmp_path) == [0, 1, 2, 3, 4]
    assert kept(tmp_path, 2) == [3, 4]
    assert EventFile(tmp_path).last(1) == [event(4)]


def test_nothing_is_known_where_nothing_was_kept(tmp_path: Path) -> None:
    assert kept(tmp_path) == []


def test_an_event_is_on_the_disk_before_pulse_can_be_killed(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from app.pulse.events.log import EventLog; "
        "from app.pulse.events.file import EventFile; "
        "log = EventLog(EventFile(Path(sys.argv[1]))); "
        "[log.record('up', str(number)) for number in range(50)]; os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, capture_output=True)
    assert killed.returncode == -9
    assert [recorded["reason"] for recorded in EventLog(EventFile(tmp_path)).events()] == [
        str(n) for n in range(50)
    ]


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_line_that_was_torn_off_is_passed_over_and_takes_no_other_with_it(tmp_path: Path, cut: int) -> None:
    file = EventFile(tmp_path)
    for number in range(3):
        file.keep(event(number))
    path = tmp_path / "events.jsonl"
    os.truncate(path, path.stat().st_size - cut)
    EventFile(tmp_path).keep(event(3))
    # A line without its end is still a whole event.
    assert kept(tmp_path) == ([0, 1, 2, 3] if cut == 1 else [0, 1, 3])


WRONG: list[dict[str, Any]] = [
    {"kind": "odd"},
    {"kind": []},
    {"at": "1"},
    {"at": float("nan")},
    {"at": 1e300},
    {"server": 1},
]
NO_EVENTS = [b"\xff\xfe", b"[]", b"1", b"null", b"[" * 100_000, b"{}", b"\0" * 5000]


@pytest.mark.parametrize("text", NO_EVENTS + [json.dumps({**event(1), **wrong}).encode() for wrong in WRONG])
def test_a_line_that_is_no_event_is_passed_over(tmp_path: Path, text: bytes) -> None:
    EventFile(tmp_path).keep(event(0))
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(text + b"\n")
    EventFile(tmp_path).keep(event(2))
    assert kept(tmp_path) == [0, 2]


def test_two_files_of_bounded_size_hold_the_last_events(tmp_path: Path) -> None:
    file = EventFile(tmp_path, size_max=2000)
    for number in range(500):
        file.keep(event(number))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.jsonl", "events.jsonl.1"]
    assert all(path.stat().st_size <= 2000 for path in tmp_path.iterdir())
    known = kept(tmp_path)
    assert known == list(range(known[0], 500))
    assert len(known) >= 15


def test_the_files_hold_as_many_events_as_are_wanted_at_a_start(tmp_path: Path) -> None:
    file = EventFile(tmp_path)
    long = event(0)
    for number in range(6 * EVENTS_KEPT):
        file.keep({**long, "at": float(number), "reason": "r" * 600})
    assert len(kept(tmp_path)) == EVENTS_KEPT


def test_the_files_are_for_pulse_and_its_group_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        EventFile(tmp_path).keep(event(0))
    finally:
        os.umask(before)
    assert (tmp_path / "events.jsonl").stat().st_mode & 0o777 == 0o640


def test_a_link_somebody_put_there_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "events.jsonl").symlink_to(tmp_path / "victim")
    EventFile(tmp_path).keep(event(0))
    assert (tmp_path / "victim").read_text() == "mine"


def test_a_directory_that_takes_nothing_is_said_once_and_again_when_it_does(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pulse")
    directory = tmp_path / "run"
    log = EventLog(EventFile(directory))
    for _ in range(3):
        log.record("up", "first")
    said = [record.getMessage() for record in caplog.records if "events" in record.getMessage()]
    path = directory / "events.jsonl"
    lost = "so they will be lost at a restart: No such file or directory"
    assert said == [f"events cannot be written to {path}, {lost}"]
    directory.mkdir()
    log.record("up", "last")
    assert caplog.records[-1].getMessage() == f"events are written to {path} again"
    assert [recorded["reason"] for recorded in log.events()] == ["first"] * 3 + ["last"]
    assert [recorded["reason"] for recorded in EventFile(directory).last(9)] == ["last"]


def test_a_full_disk_is_said_and_what_fits_later_is_kept_whole(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = EventFile(tmp_path)
    file.keep(event(0))
    size = (tmp_path / "events.jsonl").stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Room for half a line: a limit of this process stands in for the end of a disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40, before[1]))
    try:
        file.keep(event(1))
        file.keep(event(2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    file.keep(event(3))
    assert kept(tmp_path) == [0, 3]


def test_a_status_report_holds_the_last_two_hundred_and_pulse_a_thousand(tmp_path: Path) -> None:
    log = EventLog(EventFile(tmp_path))
    for number in range(EVENTS_KEPT + 50):
        log.record("up", str(number))
    assert len(log.events()) == EVENTS_KEPT == 1000
    assert [recorded["reason"] for recorded in log.recent()] == [str(n) for n in range(EVENTS_KEPT + 50)][
        -EVENTS_REPORTED:
    ]
    assert EventLog(EventFile(tmp_path)).events() == log.events()


def test_a_line_of_the_journal_is_one_line_whatever_the_names() -> None:
    assert line({**event(1), "server": "a\nb\x1b[2J", "reason": "r\r\ns"}).isprintable()


def test_who_listens_hears_each_event() -> None:
    heard: list[EventReport] = []
    log = EventLog()
    log.listener = heard.append
    log.record("up", "well", virtual="web", server="web1", target="10.0.0.1:80")
    assert [(recorded["kind"], recorded["server"]) for recorded in heard] == [("up", "web1")]


KINDS_AFTER_A_RESTART: tuple[EventKind, ...] = ("down", "up", "down")


def test_that_a_server_is_still_down_after_a_restart_is_no_news(tmp_path: Path) -> None:
    before = EventLog(EventFile(tmp_path))
    before.record("down", "refused", virtual="web", server="web1", target="10.0.0.1:80")
    heard: list[EventReport] = []
    after = EventLog(EventFile(tmp_path))
    after.listener = heard.append
    for kind in KINDS_AFTER_A_RESTART:
        after.record(kind, "again", virtual="web", server="web1", target="10.0.0.1:80")
    after.record("down", "another one", virtual="web", server="web2", target="10.0.0.2:80")
    assert [(event["kind"], event["server"]) for event in heard] == [
        ("up", "web1"),
        ("down", "web1"),
        ("down", "web2"),
    ]
