"""The example in docs/health.md, whose table says who is in rotation at each step: it is so."""

import re
from pathlib import Path

from app.lvs.grammar.reader import ConfigReader
from tests.lvs.judged import PASSED, REFUSED, Director

PAGE = Path(__file__).parents[3] / "docs" / "health.md"
HEAD = "serial_no = 1\nprimary = 192.0.2.1\nservice = lvs\n"
BOTH, SPARED, SORRY, RETURNED = ["11 1", "12 1"], ["12 1", "13 1"], ["99 1"], ["11 1", "13 1"]


def test_the_example_goes_as_its_table_says() -> None:
    found = re.search(r"```\n(virtual shop.*?)```", PAGE.read_text(), re.DOTALL)
    assert found
    reading = ConfigReader().read((HEAD + found[1]).encode())
    assert reading.config
    assert reading.problems == ()
    director = Director(reading.config)
    for number in (1, 2, 3):
        director.hear(number, PASSED)
    assert director.said == BOTH
    director.hear(1, REFUSED, 5.0)
    assert director.said == BOTH
    director.hear(1, REFUSED, 1.0)
    assert director.said == SPARED
    director.hear(2, REFUSED)
    director.hear(2, REFUSED)
    assert director.said == SORRY
    for _ in range(2):
        director.hear(1, PASSED, 5.0)
        assert director.said == SORRY
    director.hear(1, PASSED, 5.0)
    assert director.said == RETURNED
    for _ in range(3):
        assert director.said == RETURNED
        director.hear(2, PASSED, 5.0)
    assert director.said == BOTH
