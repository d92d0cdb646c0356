"""lvs.cf as a mount of a single file: a change is refused before it is saved, by page, API and command line."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.accept.accept import NotSaved
from app.accept.interface_names import rename
from app.lvs.pair.interface_names import DeviceNames
from app.settings import Settings
from app.store import Scope, Store
from tests.commands.forked import run
from tests.host.own_mounts import mount, own_mounts, root_mounts
from tests.settings_environment import environment_of
from tests.web.clusters import Ids, save_cluster
from tests.web.filled_form import press
from tests.web.person import Person
from tests.web.program import program

pytestmark = root_mounts

REMEDY = "mount the directory"


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.fixture
def mounted(settings: Settings, ids: Ids) -> Iterator[bytes]:
    """What is in lvs.cf, on which itself is mounted."""
    with own_mounts():
        mount("--bind", settings.lvs_cf, settings.lvs_cf)
        yield settings.lvs_cf.read_bytes()


def test_the_api_answers_an_error_with_the_remedy_and_keeps_the_serial(
    app: Flask, settings: Settings, store: Store, ids: Ids, mounted: bytes
) -> None:
    answer = program(app, store, Scope.ADMIN).change("PATCH", f"/api/virtual/{ids.web}", {"port": 8080})
    assert answer.status_code == 503
    assert REMEDY in answer.text
    assert "saved 2" not in answer.text.lower()
    assert (store.snapshot().serial_no, settings.lvs_cf.read_bytes()) == (1, mounted)


def test_the_page_says_so_and_keeps_what_was_typed(
    admin: Person, settings: Settings, store: Store, ids: Ids, mounted: bytes
) -> None:
    answer = press(admin, f"/virtual/{ids.web}", "ACCEPT", {"port": "8080"})
    assert answer.status_code == 503
    assert "Nothing was saved. Cannot write" in answer.text
    assert REMEDY in answer.text
    assert (store.snapshot().serial_no, settings.lvs_cf.read_bytes()) == (1, mounted)


def test_the_command_line_says_so(settings: Settings, store: Store, mounted: bytes) -> None:
    file = settings.state_directory / "in.cf"
    file.write_text("primary = 192.0.2.77\n")
    done = run(["import", str(file)], environment_of(settings), settings.state_directory / "said")
    assert (done.status, done.output) == (1, "")
    assert REMEDY in done.errors
    assert store.snapshot().serial_no == 1


def test_names_of_interfaces_are_not_stored_either(settings: Settings, store: Store, mounted: bytes) -> None:
    with pytest.raises(NotSaved, match=REMEDY):
        rename(settings, store, DeviceNames({"eth0": "ens3"}))
    with store.edit("anna") as edit:
        assert not edit.device_names


def test_a_rename_that_fails_after_all_is_an_error_for_programs_too_and_not_both_saved_and_unchanged(
    app: Flask, settings: Settings, store: Store, ids: Ids, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = settings.lvs_cf.read_bytes()

    def refuse(self: Path, target: Path) -> Path:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    api = program(app, store, Scope.ADMIN)
    with monkeypatch.context() as disk:
        disk.setattr(Path, "rename", refuse)
        answer = api.change("PATCH", f"/api/virtual/{ids.web}", {"port": 8080})
    told = answer.get_json()
    assert (answer.status_code, told["serial_no"], told["outcome"]) == (503, 2, "error")
    assert "Saved as 2, but lvs.cf could not be updated. Cannot replace" in told["said"]
    assert "Nothing was changed" not in answer.text
    assert settings.lvs_cf.read_bytes() == before
    assert api.change("PATCH", f"/api/virtual/{ids.web}", {"port": 8081}).status_code == 200
    assert b"port = 8081" in settings.lvs_cf.read_bytes()
