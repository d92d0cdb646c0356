"""The rate of the traffic, as set in a file."""

from pathlib import Path

import pytest

from lab.traffic import HIGHEST_RATE, read_rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [("20\n", 20), (" 7 ", 7), ("0", 0), ("-3", 0), ("fast", 0), ("", 0), ("100000", HIGHEST_RATE)],
)
def test_a_number_is_accepted_and_anything_else_means_no_traffic(tmp_path: Path, text: str, rate: int) -> None:
    file = tmp_path / "rate"
    file.write_text(text)
    assert read_rate(file) == rate


def test_no_file_means_no_traffic(tmp_path: Path) -> None:
    assert read_rate(tmp_path / "missing") == 0
