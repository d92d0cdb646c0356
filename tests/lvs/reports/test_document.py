"""A document is read as a type, or refused with what was expected where."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from app.lvs.reports.document import read_document


@dataclass(frozen=True)
class Wish:
    count: int
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.count > 3:
            raise ValueError(f"'count' must be at most 3, not {self.count}")


def test_what_is_missing_has_its_default_and_what_is_unknown_is_ignored() -> None:
    assert read_document({"count": 3, "verb": "wish"}, Wish) == Wish(3)
    assert read_document({"count": 1, "names": ["a"]}, Wish) == Wish(1, ("a",))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "missing required field `count`"),
        ({"count": "3"}, "Expected `int`, got `str` - at `$.count`"),
        ({"count": True}, "Expected `int`, got `bool` - at `$.count`"),
        ({"count": 1, "names": [None]}, "Expected `str`, got `null` - at `$.names[0]`"),
        ({"count": 4}, "'count' must be at most 3, not 4"),
        ([1], "Expected `object`, got `array`"),
    ],
)
def test_anything_else_is_refused_with_what_was_expected(document: Any, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        read_document(document, Wish)
