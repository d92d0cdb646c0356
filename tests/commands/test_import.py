"""`palometa import` and `palometa passwd`."""

import io
from contextlib import suppress
from pathlib import Path

import pytest

from app.cli import main
from app.store import Origin, Throttled, open_store

TEXT = "network = nat\nvirtual WEB {\n     active = 0\n     # kept\n     port = 80\n}\n"


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PALOMETA_STATE_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("PALOMETA_LVS_CF", str(tmp_path / "lvs.cf"))
    return tmp_path


def test_an_imported_file_becomes_the_configuration_with_its_comments(installation: Path) -> None:
    file = installation / "old.cf"
    file.write_text(TEXT)
    assert main(["import", str(file)]) == 0
    assert (installation / "lvs.cf").read_text() == "serial_no = 1\n" + TEXT


def test_the_installed_file_of_a_piranha_router_is_imported(installation: Path) -> None:
    (installation / "lvs.cf").write_text(TEXT)
    assert main(["import", str(installation / "lvs.cf")]) == 0
    assert "# kept" in (installation / "lvs.cf").read_text()


def test_a_hand_edit_is_not_overwritten_by_another_file(
    installation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (installation / "lvs.cf").write_text("# by hand\n" + TEXT)
    file = installation / "other.cf"
    file.write_text(TEXT)
    assert main(["import", str(file)]) == 1
    assert "edited by hand" in capsys.readouterr().err
    assert (installation / "lvs.cf").read_text().startswith("# by hand")


def test_a_refused_file_changes_nothing(installation: Path) -> None:
    file = installation / "bad.cf"
    file.write_text("network = sideways\n")
    assert main(["import", str(file)]) == 1
    assert not (installation / "lvs.cf").exists()


def test_passwd_makes_the_user_and_sets_the_password(
    installation: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for password in ("correct horse battery", "another horse battery"):
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        assert main(["passwd", "anna"]) == 0
    store = open_store(f"sqlite:///{installation / 'palometa.db'}")
    assert store.users.verify("anna", "another horse battery")
    assert not store.users.verify("anna", "correct horse battery")
    store.close()
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert main(["passwd", "anna"]) == 1
    assert "12" in capsys.readouterr().err


def test_passwd_lets_the_owner_in_at_once_whatever_strangers_tried(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for password in ("correct horse battery", "another horse battery"):
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        assert main(["passwd", "anna"]) == 0
        store = open_store(f"sqlite:///{installation / 'palometa.db'}")
        assert store.sign_ins.judge("anna", password, Origin("192.0.2.1"))
        for place in range(30):
            with suppress(Throttled):
                store.attempts.begin("anna", Origin(f"203.0.113.{place}"))
        assert store.attempts.wait_s("anna", Origin("198.51.100.7")) > 0
        store.close()
