"""The table of faults names tests that there are."""

import ast
import re
from pathlib import Path

from lab.cluster import CLONE

PAGE = CLONE / "docs" / "faults.md"
_TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")


def functions_of(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def test_every_test_it_names_is_there() -> None:
    named = _TEST.findall(PAGE.read_text())
    assert named
    missing = [f"{file}::{name}" for file, name in named if name not in functions_of(CLONE / file)]
    assert missing == []


def test_every_fault_has_its_row_and_says_what_is_counted() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines() if re.match(r"\| F\d", line)]
    assert [row[0] for row in rows] == [f"F{number}" for number in range(1, 33)]
    for number, fault, promise, test, figure in rows:
        assert fault, number
        assert figure, number
        assert "::" in test or "not tested yet" in figure or "not promised yet" in figure, number
        assert promise != "–" or "not tested yet" in figure or "not promised yet" in figure, number
