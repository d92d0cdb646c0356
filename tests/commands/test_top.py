"""`palometa top`: its screen at 80x24, its keys, and that it runs in a real terminal."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.commands.top_view import View, name_of, ordered, screen
from app.lvs.reports.status import ServiceReport, StatusReport
from tests.web.pulse_double import PulseDouble, a_service, recorded_report, running_pulse


def service(number: int, cps: int, in_bps: int = 0) -> ServiceReport:
    made = a_service(number)
    made["counters"]["connections_per_s"] = cps
    made["counters"]["bytes_in_per_s"] = in_bps
    return made


@pytest.fixture
def report() -> StatusReport:
    report = recorded_report()
    report["services"] = [service(1, 5, 900), service(2, 70), service(3, 20, 100)]
    report["refused"], report["trouble"] = [], []
    return report


def texts(report: StatusReport, view: View, width: int = 80, height: int = 24) -> list[str]:
    return [line.text for line in screen(report, view, width, height)]


def test_services_are_sorted_by_rate_with_names_next_to_addresses(report: StatusReport) -> None:
    lines = texts(report, View())
    assert lines[2] == "Prot LocalAddress:Port Name              CPS    InPPS   OutPPS    InBPS   OutBPS"
    assert lines[3] == "TCP  10.1.0.3:80 virtual-2                70        0        0        0        0"
    assert [line.split()[2] for line in lines[3:6]] == ["virtual-2", "virtual-3", "virtual-1"]


def test_it_fills_eighty_by_twenty_four_exactly(report: StatusReport) -> None:
    lines = texts(report, View(is_all=True))
    assert len(lines) == 24
    assert max(map(len, lines)) <= 80
    assert "q quit" in lines[-1]


@pytest.mark.parametrize(("width", "height"), [(20, 5), (10, 3), (80, 1), (200, 60)])
def test_any_terminal_size_works(report: StatusReport, width: int, height: int) -> None:
    lines = texts(report, View(is_all=True), width, height)
    assert len(lines) <= height
    assert max(map(len, lines)) <= width


def test_a_wide_terminal_also_shows_current_connections(report: StatusReport) -> None:
    assert "ActiveConn" in texts(report, View(), 120)[2]
    assert "ActiveConn" not in texts(report, View(), 80)[2]


def test_keys_sort_and_reverse(report: StatusReport) -> None:
    view = View()
    view.press("b", report["services"])
    assert [shown["owner"] for shown in ordered(report["services"], view)] == [
        "virtual-1",
        "virtual-3",
        "virtual-2",
    ]
    view.press("r", report["services"])
    assert [shown["owner"] for shown in ordered(report["services"], view)] == [
        "virtual-2",
        "virtual-3",
        "virtual-1",
    ]
    view.press("n", report["services"])
    assert ordered(report["services"], view)[0]["owner"] == "virtual-3"


def test_the_selected_service_expands_and_stays_selected_when_the_order_changes(report: StatusReport) -> None:
    view = View()
    view.press("down", report["services"])
    assert view.selected == name_of(report["services"][1])
    view.press("\n", report["services"])
    assert texts(report, view)[4].startswith("  -> 10.2.0.3:80 real-2")
    report["services"][1]["counters"]["connections_per_s"] = 0
    lines = screen(report, view, 80, 24)
    [chosen] = [line for line in lines if line.style == "selected"]
    assert "virtual-2" in chosen.text


def test_the_cursor_stays_visible_among_many_services(report: StatusReport) -> None:
    report["services"] = [service(number, 1000 - number) for number in range(300)]
    view = View()
    for _ in range(50):
        view.press("down", report["services"])
    assert any(line.style == "selected" and "virtual-49 " in line.text for line in screen(report, view, 80, 24))
    view.press("pageup", report["services"], 100)
    assert any(line.style == "selected" and "virtual-0 " in line.text for line in screen(report, view, 80, 24))


def test_pausing_is_shown(report: StatusReport) -> None:
    view = View()
    view.press("p", report["services"])
    assert texts(report, view)[0].startswith("PAUSED")


def test_a_problem_and_an_empty_table_are_reported(report: StatusReport) -> None:
    assert screen(report, View(), 80, 24, "4 s old: pulse is not running")[1].text.startswith("4 s old")
    report["services"] = []
    assert "The table is empty" in texts(report, View())[3]


def test_an_unmanaged_service_is_marked(report: StatusReport) -> None:
    report["services"][0]["owner"] = None
    assert any("(unmanaged)" in line for line in texts(report, View()))


@pytest.fixture
def pulse(tmp_path: Path) -> Iterator[PulseDouble]:
    with running_pulse(tmp_path / "pulse.sock") as double:
        yield double


def read_until(terminal: int, wanted: bytes, deadline_s: float = 20.0) -> bytes:
    seen = b""
    deadline = time.monotonic() + deadline_s
    while wanted not in seen and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65536)
    assert wanted in seen, seen
    return seen


def test_in_a_terminal_it_draws_handles_a_key_and_quits(pulse: PulseDouble, tmp_path: Path) -> None:
    pulse.report["services"] = [service(1, 5), service(2, 70)]
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    code = "import sys; from app.cli import main; sys.exit(main(['top', '0.2']))"
    environment = {**os.environ, "TERM": "xterm", "LANG": "C.UTF-8", "PALOMETA_RUNTIME_DIRECTORY": str(tmp_path)}
    running = subprocess.Popen([sys.executable, "-c", code], stdin=theirs, stdout=theirs, env=environment)
    os.close(theirs)
    try:
        read_until(ours, b"virtual-1")
        os.write(ours, b"p")
        read_until(ours, b"PAUSED")
        os.write(ours, b"q")
        assert running.wait(20) == 0
    finally:
        running.kill()
        running.wait()
        os.close(ours)


def test_without_pulse_it_says_so_and_leaves_the_terminal_unchanged(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    code = "import sys; from app.cli import main; sys.exit(main(['top']))"
    environment = {**os.environ, "TERM": "xterm", "PALOMETA_RUNTIME_DIRECTORY": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
    )
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 1
    assert b"pulse is not running" in done.stderr
