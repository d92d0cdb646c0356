"""ACCEPT: the database and lvs.cf change together or not at all, and the page says what became of it."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.accept.accept import catch_up
from app.accept.on_disk import digest
from app.settings import Settings
from app.store import Store, open_store
from app.web.factory import create_app
from app.web.frame.security import cookie_name
from tests.web.clusters import Ids, save_cluster
from tests.web.filled_form import FilledForm, press
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.fixture
def impatient(settings: Settings, store: Store, session_token: str) -> Iterator[Person]:
    """The administrator, on an application that waits for a locked database only a moment."""
    quick = open_store(settings.database_url, busy_timeout_s=0.1)
    client = create_app(settings, quick).test_client()
    client.set_cookie(cookie_name(settings, "session"), session_token)
    yield Person(client)
    quick.close()


@pytest.fixture
def page(ids: Ids) -> str:
    return f"/virtual/{ids.web}"


def test_an_lvs_cf_that_cannot_be_written_leaves_everything_as_it_was(
    admin: Person, settings: Settings, store: Store, page: str
) -> None:
    settings.lvs_cf.unlink()
    settings.lvs_cf.symlink_to(settings.state_directory / "nowhere" / "lvs.cf")
    answer = press(admin, page, "ACCEPT", {"port": "8080"})
    assert answer.status_code == 503
    assert "Nothing was saved. Cannot write" in answer.text
    assert "there is no directory" in answer.text
    assert FilledForm.on(answer.text, "edit").fields["port"] == "8080"
    assert store.snapshot().serial_no == 1
    assert store.snapshot().config.virtual[0].port == 80


def test_a_full_disk_is_said_and_nothing_is_lost(
    admin: Person, settings: Settings, store: Store, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, before = admin.get(page), settings.lvs_cf.read_bytes()

    def refuse(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(os, "write", refuse)
        answer = press(admin, opened, "ACCEPT", {"port": "8080"})
    assert answer.status_code == 507
    assert "the disk is full; free some space and try again" in answer.text
    assert FilledForm.on(answer.text, "edit").fields["port"] == "8080"
    assert (settings.lvs_cf.read_bytes(), store.snapshot().serial_no) == (before, 1)


def test_a_file_that_cannot_take_its_place_at_the_very_end_is_said_and_written_by_the_next_accept(
    admin: Person, settings: Settings, store: Store, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = admin.get(page)

    def refuse(self: Path, target: Path) -> Path:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as disk:
        disk.setattr(Path, "rename", refuse)
        answer = press(admin, opened, "ACCEPT", {"port": "8080"})
    assert "Saved as 2, but lvs.cf could not be updated" in admin.follow(answer).text
    assert "port = 8080" not in settings.lvs_cf.read_text()
    press(admin, page, "ACCEPT")
    assert "port = 8080" in settings.lvs_cf.read_text()


def test_a_database_that_fails_leaves_lvs_cf_as_it_was_and_no_file_beside_it(
    admin: Person, settings: Settings, store: Store, page: str
) -> None:
    opened, before = admin.get(page), settings.lvs_cf.read_bytes()
    other = sqlite3.connect(settings.state_directory / "palometa.db")
    other.execute("ALTER TABLE audit RENAME TO lost")
    answer = press(admin, opened, "ACCEPT", {"port": "8080"})
    other.execute("ALTER TABLE lost RENAME TO audit")
    other.close()
    assert answer.status_code == 503
    assert FilledForm.on(answer.text, "edit").fields["port"] == "8080"
    assert settings.lvs_cf.read_bytes() == before
    assert [path.name for path in settings.lvs_cf.parent.iterdir() if path.name.startswith(".lvs.cf.")] == []
    assert store.snapshot().serial_no == 1


def test_a_locked_database_refuses_with_a_sentence_and_keeps_what_was_typed(
    impatient: Person, settings: Settings, store: Store, page: str
) -> None:
    opened = impatient.get(page)
    other = sqlite3.connect(settings.state_directory / "palometa.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = press(impatient, opened, "ACCEPT", {"port": "8080"})
    other.rollback()
    other.close()
    assert "Nothing was saved. The database" in answer.text
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert FilledForm.on(answer.text, "edit").fields["port"] == "8080"
    assert store.snapshot().serial_no == 1


def test_it_says_what_pulse_applied(admin: Person, page: str, pulse: PulseDouble) -> None:
    pulse.report["applied"] = {"serial_no": 2, "at": 0.0, "duration_ms": 1.0, "changes": 1, "remained": []}
    answer = admin.follow(press(admin, page, "ACCEPT", {"port": "8080"}))
    assert "saved 2 · applied 2" in answer.text


def test_it_says_what_the_kernel_refused(admin: Person, page: str, pulse: PulseDouble) -> None:
    remained = ["No scheduler mh: load ip_vs_mh."]
    pulse.report["applied"] = {"serial_no": 2, "at": 0.0, "duration_ms": 1.0, "changes": 1, "remained": remained}
    answer = admin.follow(press(admin, page, "ACCEPT", {"port": "8080"}))
    assert "saved 2 · applied 2, but incompletely: No scheduler mh: load ip_vs_mh." in answer.text


def test_it_says_why_pulse_refused_the_file(admin: Person, page: str, pulse: PulseDouble) -> None:
    problem: Any = {"severity": "error", "path": [], "message": "The device is gone.", "line": 0, "column": 0}
    pulse.report["applied"] = {"serial_no": 1, "at": 0.0, "duration_ms": 1.0, "changes": 1, "remained": []}
    pulse.report["refused"] = [problem]
    answer = admin.follow(press(admin, page, "ACCEPT", {"port": "8080"}))
    assert "saved 2 · not applied: The device is gone." in answer.text


def test_a_hand_edited_lvs_cf_is_never_overwritten_silently(
    admin: Person, settings: Settings, store: Store, page: str
) -> None:
    edited = settings.lvs_cf.read_text().replace("serial_no = 1", "serial_no = 1\n# by hand")
    settings.lvs_cf.write_text(edited)
    answer = press(admin, page, "ACCEPT", {"port": "8080"})
    assert answer.status_code == 409
    assert '<span class="added">+# by hand</span>' in answer.text
    assert settings.lvs_cf.read_text() == edited
    assert store.snapshot().serial_no == 1


def test_a_hand_edited_lvs_cf_can_be_overwritten_with_what_was_typed(
    admin: Person, settings: Settings, store: Store, page: str
) -> None:
    settings.lvs_cf.write_text("# by hand\n")
    answer = press(admin, page, "ACCEPT", {"port": "8080"})
    assert press(admin, answer, "OVERWRITE", form="mine").status_code == 303
    assert store.snapshot().config.virtual[0].port == 8080
    assert "by hand" not in settings.lvs_cf.read_text()


def test_overwriting_is_agreed_for_that_very_file_only(
    admin: Person, settings: Settings, store: Store, page: str
) -> None:
    settings.lvs_cf.write_text("# by hand\n")
    answer = press(admin, page, "ACCEPT", {"port": "8080"})
    settings.lvs_cf.write_text("# by hand, and again\n")
    assert press(admin, answer, "OVERWRITE", form="mine").status_code == 409
    assert settings.lvs_cf.read_text() == "# by hand, and again\n"


def test_a_hand_edited_lvs_cf_can_be_imported(admin: Person, settings: Settings, store: Store, page: str) -> None:
    edited = settings.lvs_cf.read_text().replace("     port = 80\n", "     # by hand\n     port = 81\n")
    settings.lvs_cf.write_text(edited)
    answer = press(admin, page, "ACCEPT", {"timeout": "5"})
    assert press(admin, answer, "IMPORT", form="import").status_code == 303
    assert store.snapshot().config.virtual[0].port == 81
    assert "# by hand" in settings.lvs_cf.read_text()


def test_an_lvs_cf_that_cannot_be_read_is_not_imported(
    admin: Person, settings: Settings, store: Store, page: str
) -> None:
    settings.lvs_cf.write_text("virtual web {\n     port = \n}\n")
    answer = press(admin, page, "ACCEPT", {"timeout": "5"})
    imported = press(admin, answer, "IMPORT", form="import")
    assert imported.status_code == 422
    assert "lvs.cf was not imported" in imported.text
    assert "<b>2:" in imported.text
    assert store.snapshot().serial_no == 1


def test_an_existing_lvs_cf_is_not_overwritten_by_an_empty_database(
    admin: Person, settings: Settings, store: Store
) -> None:
    settings.lvs_cf.write_text("serial_no = 7\nprimary = 192.168.26.2\n")
    answer = press(admin, "/global", "ACCEPT", {"tcp_timeout": "60"})
    assert answer.status_code == 409
    assert "nothing has been written yet" in answer.text
    press(admin, answer, "IMPORT", form="import")
    assert str(store.snapshot().config.primary) == "192.168.26.2"


def test_a_file_that_is_only_late_is_brought_up_to_date(
    admin: Person, settings: Settings, store: Store, page: str
) -> None:
    late = settings.lvs_cf.read_bytes()
    press(admin, page, "ACCEPT", {"port": "8080"})
    settings.lvs_cf.write_bytes(late)
    assert press(admin, page, "ACCEPT", {"timeout": "5"}).status_code == 303
    assert "port = 8080" in settings.lvs_cf.read_text()


def test_a_late_file_is_caught_up_with_before_anybody_accepts(
    admin: Person, settings: Settings, store: Store, page: str
) -> None:
    late = settings.lvs_cf.read_bytes()
    press(admin, page, "ACCEPT", {"port": "8080"})
    written = settings.lvs_cf.read_bytes()
    settings.lvs_cf.write_bytes(late)
    assert catch_up(settings, store)
    assert settings.lvs_cf.read_bytes() == written
    assert not catch_up(settings, store)
    assert store.snapshot().serial_no == 2


def test_a_first_file_that_never_came_is_caught_up_with(settings: Settings, store: Store, ids: Ids) -> None:
    written = settings.lvs_cf.read_bytes()
    settings.lvs_cf.unlink()
    assert catch_up(settings, store)
    assert settings.lvs_cf.read_bytes() == written


def test_catching_up_leaves_an_edit_by_hand_alone(
    admin: Person, settings: Settings, store: Store, page: str
) -> None:
    press(admin, page, "ACCEPT", {"port": "8080"})
    for content in (b"# by hand\n", b""):
        settings.lvs_cf.write_bytes(content)
        assert not catch_up(settings, store)
        assert settings.lvs_cf.read_bytes() == content
    settings.lvs_cf.unlink()
    assert not catch_up(settings, store)
    assert not settings.lvs_cf.exists()


def test_catching_up_has_nothing_to_do_where_nothing_was_accepted(settings: Settings, store: Store) -> None:
    assert not catch_up(settings, store)
    settings.lvs_cf.write_bytes(b"# somebody's\n")
    assert not catch_up(settings, store)
    assert settings.lvs_cf.read_bytes() == b"# somebody's\n"


def test_the_digest_names_the_content() -> None:
    assert digest(b"a") != digest(b"b")
