"""The real keepalived judges what it is to read."""

from pathlib import Path

import pytest

from app.host.keepalived import Keepalived, KeepalivedFailed

CASES = sorted((Path(__file__).parents[1] / "lvs/cases").glob("keepalived-*.conf"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_what_is_written_is_accepted_without_a_word(case: Path, tmp_path: Path) -> None:
    keepalived = Keepalived(tmp_path)
    assert keepalived.write(case.read_text())
    assert (tmp_path / "keepalived.conf").read_text() == case.read_text()
    assert not keepalived.write(case.read_text())


def test_what_it_refuses_is_told_and_what_was_before_stays(tmp_path: Path) -> None:
    keepalived = Keepalived(tmp_path)
    good = CASES[0].read_text()
    keepalived.write(good)
    with pytest.raises(KeepalivedFailed, match=r"refuses its configuration \(.*nopremt"):
        keepalived.write(good.replace("state BACKUP", "nopremt"))
    assert (tmp_path / "keepalived.conf").read_text() == good


def test_without_keepalived_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(KeepalivedFailed, match="apt-get install keepalived"):
        Keepalived(tmp_path, str(tmp_path)).program()


def test_a_process_id_that_is_another_programs_by_now_is_not_taken_up(tmp_path: Path) -> None:
    (tmp_path / "keepalived.pid").write_text("1\n")
    assert not Keepalived(tmp_path).adopt()
