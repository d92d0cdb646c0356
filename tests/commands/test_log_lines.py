"""What is logged may quote anybody; nobody can make a line of it that is not the program's."""

import logging
import sys

from app.commands.log_lines import LINE_MAX, TRACEBACK_LINES_MAX, LogLines

FORGED = "x\n[2026-11-29 21:00:00 +0000] [1] [WARNING] pulse was stopped\r\x1b[2J\x85\u2028\u202e"


def line(message: str, *arguments: object, error: BaseException | None = None) -> str:
    """Return what is logged."""
    found = (type(error), error, error.__traceback__) if error is not None else None
    record = logging.LogRecord("web", logging.WARNING, __file__, 1, message, arguments, found)
    return LogLines("web: %(message)s").format(record)


def test_a_message_is_one_line_whatever_it_quotes() -> None:
    text = line("refused %s", FORGED)
    assert text.isprintable()
    assert text.startswith("web: refused x␊[2026")
    assert line(FORGED).isprintable()


def test_a_long_message_is_cut() -> None:
    assert len(line("refused %s", "a" * 1_000_000)) == LINE_MAX + len("web: ")


def test_each_line_of_a_traceback_is_marked_as_part_of_it() -> None:
    try:
        int(FORGED)
    except ValueError:
        error = sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1]
    first, *others = line("failed", error=ValueError(FORGED) if error is None else error).split("\n")
    assert first == "web: failed"
    assert others
    assert all(other.startswith("  | ") and other.isprintable() for other in others)


def test_a_long_traceback_is_cut() -> None:
    error = ValueError("\n".join("a" * 5000 for _ in range(1000)))
    lines = line("failed", error=error).split("\n")
    assert len(lines) == TRACEBACK_LINES_MAX + 1
    assert max(map(len, lines)) <= LINE_MAX + len("  | ")
