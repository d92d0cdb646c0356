"""Words, quotes and comments of a single line."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.lvs.grammar.lexer import escape, unescape, words_as_piranha, words_leniently
from app.lvs.grammar.value_writer import format_name, format_value
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.keyword import BlockKind
from tests.lvs.strategies import texts

EXPECT = KEYWORDS[BlockKind.VIRTUAL]["expect"]
LOAD_MONITOR = KEYWORDS[BlockKind.VIRTUAL]["load_monitor"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"a b"', ["a b"]),
        ('""', [""]),
        ('"it\'s"', ["it's"]),
        ('"a\\"b"', ['a\\"b']),
        ('"a"b"', ['a"b']),
        ('"x y"z', ["x y", "z"]),
        ('"x y" z', ["x y", "z"]),
        ("a\"b 'c d'", ['a"b', "c d"]),
        ("\ta  b\t", ["a", "b"]),
    ],
)
def test_it_splits_as_piranha_did(line: str, words: list[str]) -> None:
    found = words_as_piranha(line)
    assert ([word.text for word in found.words], found.broken_at) == (words, None)


@pytest.mark.parametrize("line", ['"x" y', '"x" ', '"x', '"', '"a b', "'x\""])
def test_it_stops_at_a_quote_piranha_did_not_find_the_end_of(line: str) -> None:
    assert words_as_piranha(line).broken_at == 0


def test_it_drops_the_words_piranha_dropped() -> None:
    assert len(words_as_piranha("a " * 200).words) == 99


@pytest.mark.parametrize(
    ("line", "words", "rest"),
    [
        ('"x" # y "z"', ["x"], 4),
        ('"x\\" y" #', ['x" y'], 8),
        ('"x\\" # y', ["x\\"], 5),
        ("a#b #c", ["a#b"], 4),
        ('"a"b" #', ['a"b'], 6),
    ],
)
def test_it_splits_as_people_mean_it(line: str, words: list[str], rest: int) -> None:
    found = words_leniently(line, 0)
    assert ([word.text for word in found.words], found.rest) == (words, rest)


@given(texts, st.sampled_from("\"'"))
@example('a\\"', '"')
@example("a\\\\", '"')
def test_an_escaped_text_is_unescaped_to_itself(text: str, quote: str) -> None:
    assert unescape(escape(text, quote), quote) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("HTTP", '"HTTP"'),
        ("", '""'),
        ('a"b', '"a"b"'),
        ('a "b"', '"a \\"b\\""'),
        ('a \\" b\\', '"a \\\\\\" b\\\\"'),
        ('a "', '"a \\"" # "'),
        ("a \"'", '"a \\"\'" # \''),
    ],
)
def test_a_quoted_text_is_written_as_piranha_reads_it_wherever_it_can(text: str, written: str) -> None:
    assert format_value(EXPECT, text) == written


@pytest.mark.parametrize(
    ("text", "written"), [("a", "a"), ("", '""'), ("#", '"#"'), ("a b", '"a b"'), ('a "b"', "'a \"b\"'")]
)
def test_a_text_is_quoted_only_where_it_must(text: str, written: str) -> None:
    assert format_value(LOAD_MONITOR, text) == written


@given(texts)
@example("#\\")
@example("'a\\\\")
def test_a_name_is_one_word_before_the_brace(name: str) -> None:
    line = f"virtual {format_name(name)} {{"
    strict, lenient = words_as_piranha(line), words_leniently(line, 0)
    found = strict if strict.broken_at is None and len(strict.words) == 3 else lenient
    assert [word.text for word in found.words] == ["virtual", name, "{"]
