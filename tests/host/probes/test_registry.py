"""Each kind of check in the table has its probe, and each probe its kind."""

from pathlib import Path

import pytest

from app.host.probes import kinds
from app.host.probes.kinds.program import Programs
from app.host.probes.registry import Registry
from app.lvs.model.check_kinds import CheckKind, LoadKind, ProbeKind

KINDS: set[ProbeKind] = {*LoadKind, *(kind.run_as for kind in CheckKind if kind.run_as)}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_of_check_has_a_probe(kind: ProbeKind) -> None:
    probe = Registry(Programs(Path("/nonexistent"), "nobody"))[kind]
    assert probe.__module__ == f"app.host.probes.kinds.{kind}"
    assert probe.__name__ == "probe"


def test_each_file_of_a_probe_belongs_to_a_kind_of_check() -> None:
    files = {path.stem for path in Path(kinds.__path__[0]).glob("*.py")} - {"__init__"}
    assert files == {kind.value for kind in KINDS}
