"""The unified diff: it says what changed, and applied to the old file it gives the new one."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.web.change.text_diff import SHOWN_MAX, difference

HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
LINES = st.lists(st.sampled_from(["a", "b", "c", "virtual x {", "}", "port = 80"]), max_size=40)


def patched(before: list[str], diff: list[str]) -> list[str]:
    """Apply a unified diff, refusing one that does not fit."""
    result: list[str] = []
    at = 0
    for line in diff[2:]:
        if hunk := HUNK.fullmatch(line):
            start = int(hunk[1]) - (0 if hunk[2] == "0" else 1)
            result += before[at:start]
            at = start
            assert len(result) == int(hunk[3]) - (0 if hunk[4] == "0" else 1)
            continue
        if line[0] in " -":
            assert before[at] == line[1:]
            at += 1
        if line[0] in " +":
            result.append(line[1:])
    return result + before[at:]


def joined(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


@given(before=LINES, after=LINES)
def test_applied_to_the_old_file_it_gives_the_new_one(before: list[str], after: list[str]) -> None:
    assert patched(before, difference(joined(before), joined(after), "a", "b")) == after


@given(lines=LINES)
def test_equal_files_have_none(lines: list[str]) -> None:
    assert difference(joined(lines), joined(lines), "a", "b") == []


def test_only_what_changed_and_three_lines_round_it_are_in_it() -> None:
    before = [f"line {number}" for number in range(20)]
    after = [*before[:10], "changed", *before[11:]]
    assert difference(joined(before), joined(after), "serial 1", "serial 2") == [
        "--- serial 1",
        "+++ serial 2",
        "@@ -8,7 +8,7 @@",
        *(f" line {number}" for number in (7, 8, 9)),
        "-line 10",
        "+changed",
        *(f" line {number}" for number in (11, 12, 13)),
    ]


def test_a_change_in_every_block_of_a_large_file_is_found_block_by_block() -> None:
    block = "virtual v{0} {{\n     active = 1\n     weight = {1}\n}}\n"
    before, after = ("".join(block.format(number, weight) for number in range(9000)) for weight in (1, 0))
    diff = difference(before.encode(), after.encode(), "a", "b")
    assert diff[3:8] == [" virtual v0 {", "      active = 1", "-     weight = 1", "+     weight = 0", " }"]
    assert len(diff) == 2 + SHOWN_MAX + 1
    assert diff[-1].startswith("@@ … and ")


def test_files_with_nothing_in_common_are_all_changed() -> None:
    diff = difference(b"x\n" * 3000, b"y\n" * 3000, "a", "b")
    assert diff[2] == "@@ -1,3000 +1,3000 @@"
    assert diff[3] == "-x"
