"""An lvs.cf that ends anywhere: read, judged and turned into a table like any other, or refused with its place."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from app.lvs.desired.addresses import virtual_addresses
from app.lvs.desired.table import desired
from app.lvs.grammar.reader import parse
from app.lvs.grammar.writer import render
from app.lvs.model.config import Config
from app.lvs.model.problem import Severity
from app.lvs.rules.rulebook import check, is_refused, judged_for_running
from tests.lvs.messy import messy_files

CASES = sorted((Path(__file__).parent / "cases").glob("*.cf"))


def run(data: bytes) -> Config | None:
    """Do with `data` what pulse does with lvs.cf; return the configuration, None if it is refused."""
    reading = parse(data)
    config = reading.config
    if config is None:
        assert any(problem.severity is Severity.ERROR and problem.line for problem in reading.problems)
        return None
    assert render(config) == data
    problems = check(config)
    assert all(problem.message for problem in problems)
    if is_refused(judged_for_running(config, problems)):
        return None
    desired(config)
    virtual_addresses(config)
    return config


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_a_file_cut_at_any_byte_has_no_more_than_the_whole(path: Path) -> None:
    data = path.read_bytes()
    whole = run(data)
    assert whole is not None
    known = {virtual.name for virtual in whole.virtual}
    for size in range(len(data)):
        found = run(data[:size])
        # The last name may have been cut, but no service appears that was not written.
        assert found is None or {virtual.name for virtual in found.virtual[:-1]} <= known


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=messy_files())
def test_a_file_as_people_write_it_can_be_cut_anywhere(data: bytes) -> None:
    for size in range(len(data) + 1):
        run(data[:size])


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
@pytest.mark.parametrize("filling", [b"\0", b"\xff", b" "], ids=["zeros", "ones", "blanks"])
def test_a_file_with_a_hole_in_it_is_read_or_refused(path: Path, filling: bytes) -> None:
    """What a file system may leave after a power failure: the length is right, and a block was never written."""
    data = path.read_bytes()
    for at in range(0, len(data), 64):
        run(data[:at] + filling * len(data[at : at + 512]) + data[at + 512 :])
