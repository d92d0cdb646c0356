"""`palometa token`: API tokens created and revoked on the command line."""

import os
from pathlib import Path

import pytest

from app.cli import main
from app.store import Scope, open_store


@pytest.fixture(autouse=True)
def _installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALOMETA_STATE_DIRECTORY", str(tmp_path))


def test_a_token_is_created_listed_and_revoked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "make", "prometheus", "--scope", "read", "--days", "30"]) == 0
    token = capsys.readouterr().out.strip()
    store = open_store(f"sqlite:///{tmp_path / 'palometa.db'}")
    found = store.api_tokens.find(token)
    assert found is not None
    assert (found.name, found.scope) == ("prometheus", Scope.READ)
    assert found.expires_at is not None
    assert (found.expires_at - found.made_at).days == 30
    assert main(["token", "list"]) == 0
    assert capsys.readouterr().out.startswith("prometheus: read, until ")
    assert main(["token", "revoke", "prometheus"]) == 0
    assert store.api_tokens.find(token) is None
    store.close()


def test_a_user_without_an_account_can_create_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 3_636_363)
    assert main(["token", "make", "prometheus"]) == 0
    store = open_store(f"sqlite:///{tmp_path / 'palometa.db'}")
    assert [token.made_by for token in store.api_tokens.all()] == ["user 3636363 (machine)"]
    store.close()


def test_a_token_that_cannot_be_created_or_revoked_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "make", "x"]) == 0
    assert main(["token", "make", "X"]) == 1
    assert "There is already a token 'X'" in capsys.readouterr().err
    assert main(["token", "revoke", "nobody"]) == 1
    assert "there is no token 'nobody'" in capsys.readouterr().err
    assert main(["token", "make", "y", "--days", "0"]) == 1
    assert "use 1 to 36500" in capsys.readouterr().err
