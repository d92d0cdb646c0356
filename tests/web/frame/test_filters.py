"""How numbers, times and places are written."""

import time

import pytest

from app.web.frame.filters import clock, count, duration, milliseconds, place


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min 0 s"),
        (185, "3 min 5 s"),
        (3600, "1 h 0 min"),
        (90_000, "1 d 1 h"),
        (-3, "0 s"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_a_time_of_today_has_no_date_and_another_has() -> None:
    assert len(clock(time.time())) == len("12:03:04")
    assert clock(0).startswith(("1970-01-01 ", "1969-12-31 "))


def test_an_unknown_number_is_not_written_as_nought() -> None:
    assert count(None) == clock(None) == "–"
    assert count(0) == "0"


def test_thousands_stand_apart() -> None:
    assert count(1234567) == "1 234 567"


def test_a_short_time_has_a_decimal() -> None:
    assert (milliseconds(3.21), milliseconds(41.7)) == ("3.2 ms", "42 ms")


def test_a_place_counts_from_one() -> None:
    assert place(("virtual", 0, "server", 2, "weight")) == "virtual 1, server 3, weight"
    assert place(("primary",)) == "primary"
