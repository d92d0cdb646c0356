"""`palometa top`: traffic rates of the services, live. Reads pulse and draws; `top_view.py` composes the lines."""

import argparse
import curses
import locale
import os
import sys
import time
from contextlib import suppress

from app.commands.failure import CommandFailed
from app.commands.status import watch_rates
from app.commands.top_view import ScreenLine, Style, View, screen
from app.exit_codes import ExitCode
from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.lvs.model.printable import visible
from app.lvs.reports.status import StatusReport
from app.settings import Settings

_KEY_WAIT_MS = 100
_KEYS = {
    curses.KEY_UP: "up",
    curses.KEY_DOWN: "down",
    curses.KEY_PPAGE: "pageup",
    curses.KEY_NPAGE: "pagedown",
    curses.KEY_ENTER: "\n",
}
_STYLES: dict[Style, int] = {
    "plain": curses.A_NORMAL,
    "title": curses.A_BOLD,
    "selected": curses.A_REVERSE,
    "warning": curses.A_STANDOUT,
    "dim": curses.A_DIM,
}


def top(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Show the services until q is pressed; without a terminal, print the rates repeatedly."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        return watch_rates(settings, options.seconds)
    # A pulse that does not answer is an error, not an empty screen.
    source = _ReportSource(settings, options.seconds)
    locale.setlocale(locale.LC_ALL, "")
    try:
        curses.wrapper(_run, source)
    except curses.error as error:
        raise CommandFailed(
            f"the terminal type {os.environ['TERM']} is not supported: {error}; use 'palometa status --watch'"
        ) from error
    return ExitCode.DONE


class _ReportSource:
    """The last report, requested again when it is older than `every_s`."""

    def __init__(self, settings: Settings, every_s: float) -> None:
        self._socket = settings.pulse_socket
        self._every_s = every_s
        self.notice = ""
        try:
            self.report: StatusReport = ask(self._socket, "status")
        except (ControlUnreachable, ControlRefused) as failed:
            raise CommandFailed(str(failed)) from failed
        self._asked_at = self._seen_at = time.monotonic()

    def refresh(self) -> None:
        if time.monotonic() - self._asked_at < self._every_s:
            return
        self._asked_at = time.monotonic()
        try:
            self.report = ask(self._socket, "status")
            self._seen_at = time.monotonic()
            self.notice = ""
        except (ControlUnreachable, ControlRefused) as failed:
            self.notice = f"{time.monotonic() - self._seen_at:.0f} s old: {failed}"


def _run(window: "curses.window", source: _ReportSource) -> None:
    view = View()
    curses.use_default_colors()
    with suppress(curses.error):  # a terminal that cannot hide its cursor shows it
        curses.curs_set(0)
    window.timeout(_KEY_WAIT_MS)
    while True:
        if not view.is_paused:
            source.refresh()
        height, width = window.getmaxyx()
        _draw(window, screen(source.report, view, width, height, source.notice))
        try:
            pressed = window.get_wch()
        except curses.error:
            continue  # nothing was pressed
        key = _KEYS.get(pressed, "") if isinstance(pressed, int) else pressed
        if key in ("q", "\x1b"):
            return
        view.press(key, source.report["services"], max(height - 5, 1))


def _draw(window: "curses.window", lines: list[ScreenLine]) -> None:
    window.erase()
    for number, line in enumerate(lines):
        # The last cell of a terminal cannot be written without an error.
        with suppress(curses.error):
            window.addstr(number, 0, visible(line.text), _STYLES[line.style])
    window.refresh()
