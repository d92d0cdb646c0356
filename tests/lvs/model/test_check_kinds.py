"""The table of check kinds names only what there is."""

import pytest

from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.check_kinds import CheckKind, LoadKind
from app.lvs.model.keyword import BlockKind


@pytest.mark.parametrize("kind", CheckKind)
def test_a_kind_reads_keys_that_lvs_cf_has_and_requires_none_it_does_not_read(kind: CheckKind) -> None:
    assert kind.row.keys <= KEYWORDS[BlockKind.VIRTUAL].keys()
    assert kind.row.required.keys() <= kind.row.keys
    assert bool(kind.row.name_is) is ("check_name" in kind.row.keys)


@pytest.mark.parametrize("kind", CheckKind)
def test_a_kind_is_run_as_one_that_reads_the_same_keys(kind: CheckKind) -> None:
    run_as = kind.run_as
    if run_as is not None:
        assert (run_as.run_as, run_as.row.keys) == (run_as, kind.row.keys)
    else:
        assert kind is CheckKind.NONE


def test_no_two_kinds_share_a_name() -> None:
    kinds = (*CheckKind, *LoadKind)
    assert len({kind.report_name for kind in kinds} | {kind.value for kind in kinds}) == len(kinds) + 1
    assert CheckKind.SEND.report_name == "send and expect"


@pytest.mark.parametrize("kind", CheckKind)
def test_a_kind_is_offered_under_a_heading_by_its_word(kind: CheckKind) -> None:
    assert kind.row.group is not None
    assert kind.row.label.startswith(kind.value)
    assert kind.row.sentence.endswith(".")
    assert kind.value in KEYWORDS[BlockKind.VIRTUAL]["check"].help
