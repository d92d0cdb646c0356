"""Whether an answer is the expected one: Piranha's `expect`, its escapes, `*` and regular expressions."""

from functools import lru_cache
from typing import Any

from app.lvs.checks.check import Check
from app.lvs.grammar.reader import encode
from app.lvs.model.check_kinds import CheckKind

READ_MAX = 254
"""The most of an answer that is compared, in bytes: Piranha's buffer."""
SHOWN_MAX = 60
ANYTHING = b"*"
_PATTERN_MEMORY = 1 << 15
"""The memory limit of a compiled expression, in bytes: a larger one takes seconds for a page."""
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", '"': '"'}


STATUS_LINE = len("HTTP/1.1 200")


class PatternRefused(Exception):
    """An invalid regular expression; the message says what is wrong with it."""


def unescape(text: str, *, is_latin1: bool = False) -> bytes:
    """Return what lvs.cf's `text` puts on the wire: \\n \\r \\t \\\\ \\' \\" are resolved, all else is kept.

    Every other character is the bytes it is in the file, which `is_latin1` if it is not UTF-8. A text of one
    character is taken literally, as in Piranha.
    """
    if len(text) < 2:
        return encode(text, is_latin1=is_latin1)
    out: list[str] = []
    letters = iter(text)
    for letter in letters:
        if letter != "\\":
            out.append(letter)
            continue
        after = next(letters, "")
        out.append(_ESCAPES.get(after, letter + after))
    return encode("".join(out), is_latin1=is_latin1)


def why_unexpected(check: Check, answer: bytes) -> str:
    """Return why `answer`, the first read, is not what `check` expects; empty when it is."""
    expected = check.expect
    if not expected or expected == ANYTHING:
        return ""
    if check.use_regex:
        return _why_no_match(expected, answer[:READ_MAX])
    expected = expected[:READ_MAX]
    if answer.startswith(expected):
        return ""
    if not answer:
        return f"closed without an answer, expected {quoted_bytes(expected)}"
    if expected.startswith(answer):
        return f"the answer was too short [{len(answer)}>={len(expected)}]: {quoted_bytes(answer)}"
    return f"answered {quoted_bytes(answer)}, expected {quoted_bytes(expected)}"


def compared_max(check: Check) -> int | None:
    """Return how many bytes of an answer a test of `check` may show: no more than are compared. None: any.

    Otherwise a check would be a way to read whatever the director can reach. Other kinds stop at the first line
    that is not of their protocol.
    """
    if check.kind is CheckKind.HTTP:
        return STATUS_LINE
    if check.kind in (CheckKind.SEND, CheckKind.UDP) and (not check.expect or check.expect == ANYTHING):
        return 0
    return None


def compiled(pattern: bytes) -> Any:
    """Compile `pattern` as a POSIX extended expression for RE2; raise PatternRefused.

    RE2 runs in time linear in the text for any pattern, so no pattern can cause exponential run time.
    """
    # Loaded with the first pattern: most configurations have none, and every command would load it.
    import re2

    try:
        return _compiled(pattern)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        words = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise PatternRefused(f"the regular expression {quoted_bytes(pattern)} is invalid: {words}") from error


def is_in_body(check: Check, body: bytes) -> bool:
    """Return whether a web server's `body` contains what `check` expects; raise PatternRefused."""
    if not check.expect or check.expect == ANYTHING:
        return True
    return compiled(check.expect).search(body) is not None if check.use_regex else check.expect in body


def _why_no_match(pattern: bytes, answer: bytes) -> str:
    try:
        found = compiled(pattern).search(answer)
    except PatternRefused as refused:
        return str(refused)
    return "" if found else f"answered {quoted_bytes(answer)}, which does not match {quoted_bytes(pattern)}"


@lru_cache(maxsize=1024)
def _compiled(pattern: bytes) -> Any:
    import re2

    options = re2.Options()
    options.posix_syntax = True
    # POSIX without REG_NEWLINE: ^ and $ are the ends of the text, and a dot is any byte.
    options.one_line = True
    options.dot_nl = True
    # What glibc's regcomp also understands: \w \s \b.
    options.perl_classes = True
    options.word_boundary = True
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = _PATTERN_MEMORY
    return re2.compile(pattern, options)


def quoted_bytes(data: bytes) -> str:
    """Return `data` in readable form, quoted and truncated to one line.

    UTF-8 is shown as text, any other byte by its number, so that two texts that differ in their bytes look
    different.
    """
    text = data[:SHOWN_MAX].decode("utf-8", "surrogateescape")
    return f"'{''.join(map(_shown, text))}'{'…' if len(data) > SHOWN_MAX else ''}"


def _shown(letter: str) -> str:
    if "\udc80" <= letter <= "\udcff":
        return f"\\x{ord(letter) - 0xDC00:02x}"
    is_plain = letter.isprintable() and letter != "\\"
    return letter if is_plain else letter.encode("unicode_escape").decode("ascii")
