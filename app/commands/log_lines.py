"""Lines of a log that nobody outside can forge: what is logged may quote requests, partners and servers."""

import logging
import sys
from itertools import islice
from types import TracebackType

from app.lvs.model.printable import visible

LINE_MAX = 1000
"""The most characters of one line, without its time and level."""
TRACEBACK_LINES_MAX = 40
_CONTINUED = "  | "

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class LogLines(logging.Formatter):
    """One line for each message; a traceback below it, each of whose lines is marked as part of it."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line of `record`, with signs in place of control characters, and cut."""
        record.message = _cut(visible(record.message))
        return super().formatMessage(record)

    def formatException(self, ei: _ExcInfo) -> str:
        """Return the last lines of the traceback; only a fault of ours has one."""
        lines = super().formatException(ei).split("\n")
        kept = islice(lines, max(0, len(lines) - TRACEBACK_LINES_MAX), None)
        return "\n".join(_CONTINUED + _cut(visible(line)) for line in kept)


def log_to_stderr(line_format: str, level: int, date_format: str | None = None, *, is_only: bool = True) -> None:
    """Log what is of `level` or above to standard error in such lines; if `is_only`, in place of any other log."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(LogLines(line_format, date_format))
    logging.basicConfig(level=level, handlers=[lines], force=is_only)


def _cut(text: str) -> str:
    return text if len(text) <= LINE_MAX else f"{text[: LINE_MAX - 1]}…"
