"""How numbers, times and places are written on the pages. Unknown is "–", never 0."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from flask import Flask
from markupsafe import Markup

from app.lvs.ipvs.service_names import host_port
from app.web.frame import svg_chart

UNKNOWN = "–"
_INDENTATION = re.compile(r"\n\s+")


def clock(at: float | None) -> str:
    """Return the local time of day of `at` (seconds since the epoch), with the date unless it is today."""
    if at is None:
        return UNKNOWN
    moment = datetime.fromtimestamp(at).astimezone()
    today = datetime.now().astimezone().date()
    return f"{moment:%H:%M:%S}" if moment.date() == today else f"{moment:%Y-%m-%d %H:%M:%S}"


def utc(at: float) -> str:
    """Return `at` (seconds since the epoch) as lvs.cf writes a time: "2026-01-31T22:00Z"."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%MZ}"


def iso(at: float) -> str:
    """Return `at` (seconds since the epoch) as the ``datetime`` attribute of a time element."""
    return datetime.fromtimestamp(at).astimezone().isoformat(timespec="seconds")


def duration(seconds: float | None) -> str:
    """Return a length of time in its two largest units: "42 s", "3 min 5 s", "2 h 7 min", "12 d 4 h"."""
    if seconds is None:
        return UNKNOWN
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest_s = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest_s} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"


def milliseconds(value: float) -> str:
    """Return a short time: below 10 ms with one decimal."""
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"


def count(number: int | None) -> str:
    """Return a number with a thin space between thousands."""
    return UNKNOWN if number is None else f"{number:,}".replace(",", " ")


def short(value: float | None) -> str:
    """Return a number in three digits or so, with a prefix: "1.5 k"."""
    return UNKNOWN if value is None else svg_chart.short(value)


def place(path: Sequence[str | int]) -> str:
    """Return where in the configuration a problem is, counting from 1: "virtual 1, server 3, weight"."""
    words: list[str] = []
    for part in path:
        if isinstance(part, int) and words:
            words[-1] = f"{words[-1]} {part + 1}"
        else:
            words.append(str(part))
    return ", ".join(words)


def dense(html: str) -> Markup:
    """Return `html` without the indentation of its lines, which is a tenth of a long table."""
    return Markup(_INDENTATION.sub("\n", html))  # noqa: S704 - it was markup, and stays it


def install(app: Flask) -> None:
    """Make the filters known to the templates of `app`."""
    for function in (clock, utc, iso, duration, milliseconds, count, short, place, dense):
        app.add_template_filter(function)
    app.add_template_global(host_port)
