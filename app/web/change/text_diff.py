"""The difference of two files, line by line, in a time that grows with their size and not with its square."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher

from app.lvs.grammar.lexer import lines_of
from app.lvs.keywords.secret_keys import covered_line

SHOWN_MAX = 2000
"""Lines a page shows: more nobody reads, and a browser would be busy with it."""
COMPARED_MAX = 250_000
"""Pairs of lines compared between two anchors; where there are more, all of it counts as changed."""

Lines = Sequence[str]


def difference(before: bytes, after: bytes, before_name: str, after_name: str) -> list[str]:
    """Return the unified diff of two files, passwords covered; beyond SHOWN_MAX lines the last says how many."""
    lines = list(_unified(lines_of_file(before), lines_of_file(after)))
    if not lines:
        return []
    if len(lines) > SHOWN_MAX:
        lines = [*lines[:SHOWN_MAX], f"@@ … and {len(lines) - SHOWN_MAX} more lines @@"]
    # Covered only now: that a password became another is a difference too.
    return [f"--- {before_name}", f"+++ {after_name}", *(covered_line(line) for line in lines)]


def lines_of_file(data: bytes) -> list[str]:
    """Return the lines of a file that may hold anything."""
    return [line.rstrip("\r\n") for line in lines_of(data.decode("utf-8", "backslashreplace"))]


class _Anchored(SequenceMatcher[str]):
    """A matcher whose matches are those of `_matches`; the one of the library takes minutes for large files."""

    def __init__(self, old: Lines, new: Lines) -> None:
        super().__init__(None, "", "")
        self._blocks = _merged([*_matches(old, new), Match(len(old), len(new), 0)])

    def get_matching_blocks(self) -> list[Match]:
        return self._blocks


def _merged(matches: list[Match]) -> list[Match]:
    """Return `matches` with those that follow directly on one another put together."""
    merged: list[Match] = []
    for match in matches:
        last = merged[-1] if merged else None
        if last is not None and match.size and (last.a + last.size, last.b + last.size) == (match.a, match.b):
            merged[-1] = Match(last.a, last.b, last.size + match.size)
        else:
            merged.append(match)
    return merged


def _unified(old: Lines, new: Lines) -> Iterator[str]:
    matcher = _Anchored(old, new)
    for group in matcher.get_grouped_opcodes():
        yield f"@@ -{_span(group[0][1], group[-1][2])} +{_span(group[0][3], group[-1][4])} @@"
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                yield from (f" {line}" for line in old[old_start:old_end])
                continue
            yield from (f"-{line}" for line in old[old_start:old_end])
            yield from (f"+{line}" for line in new[new_start:new_end])


def _span(start: int, end: int) -> str:
    """Return lines as the head of a hunk names them, from 1; an empty span by the line before it."""
    length = end - start
    return str(start + 1) if length == 1 else f"{start + 1 if length else start},{length}"


def _matches(old: Lines, new: Lines) -> Iterator[Match]:
    """Yield the equal stretches in order: lines that are unique in both files first, then what is between."""
    old_from = new_from = 0
    for old_at, new_at in [*_anchors(old, new), (len(old), len(new))]:
        if old_at < old_from:
            continue  # the stretch before went over this anchor
        yield from _between(old, new, (old_from, old_at), (new_from, new_at))
        length = _equal_length(old, new, old_at, new_at)
        if length:
            yield Match(old_at, new_at, length)
        old_from, new_from = old_at + length, new_at + length


def _equal_length(old: Lines, new: Lines, old_at: int, new_at: int) -> int:
    most = min(len(old) - old_at, len(new) - new_at)
    return next((length for length in range(most) if old[old_at + length] != new[new_at + length]), most)


def _anchors(old: Lines, new: Lines) -> list[tuple[int, int]]:
    """Return where lines stand that occur once in each file: the longest run of these that keeps their order."""
    old_count, new_count = Counter(old), Counter(new)
    place = {line: at for at, line in enumerate(new) if new_count[line] == 1}
    pairs = [(at, place[line]) for at, line in enumerate(old) if old_count[line] == 1 and line in place]
    ends: list[int] = []
    chain: list[int] = []
    previous: list[int] = []
    for number, (_, new_at) in enumerate(pairs):
        rank = bisect_left(ends, new_at)
        previous.append(chain[rank - 1] if rank else -1)
        ends[rank : rank + 1] = [new_at]
        chain[rank : rank + 1] = [number]
    found = []
    number = chain[-1] if chain else -1
    while number >= 0:
        found.append(pairs[number])
        number = previous[number]
    return found[::-1]


def _between(old: Lines, new: Lines, old_span: tuple[int, int], new_span: tuple[int, int]) -> Iterator[Match]:
    (old_start, old_end), (new_start, new_end) = old_span, new_span
    if not 0 < (old_end - old_start) * (new_end - new_start) <= COMPARED_MAX:
        return
    inner = SequenceMatcher(None, old[old_start:old_end], new[new_start:new_end], autojunk=False)
    for match in inner.get_matching_blocks():
        if match.size:
            yield Match(old_start + match.a, new_start + match.b, match.size)
