"""Two administrators at once: nobody's change is lost silently."""

import pytest

from app.settings import Settings
from app.store import Store
from tests.web.clusters import Ids, save_cluster
from tests.web.filled_form import press
from tests.web.person import Person


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.fixture
def page(ids: Ids) -> str:
    return f"/virtual/{ids.web}"


def test_changes_of_different_objects_are_both_kept(admin: Person, store: Store, ids: Ids) -> None:
    mine, theirs = admin.get(f"/virtual/{ids.web}"), admin.get(f"/virtual/{ids.mail}")
    press(admin, theirs, "ACCEPT", {"port": "2525"})
    assert press(admin, mine, "ACCEPT", {"port": "8080"}).status_code == 303
    assert [virtual.port for virtual in store.snapshot().config.virtual] == [8080, 2525]


def test_the_second_change_of_one_object_is_shown_what_changed_by_whom_and_a_choice(
    admin: Person, store: Store, page: str
) -> None:
    mine, theirs = admin.get(page), admin.get(page)
    press(admin, theirs, "ACCEPT", {"port": "8080"})
    answer = press(admin, mine, "ACCEPT", {"port": "8888"})
    assert answer.status_code == 409
    for text in ("Application port", ">80<", ">8080<", "<b>8888</b>", "admin", "port 80 → 8080"):
        assert text in answer.text
    assert store.snapshot().config.virtual[0].port == 8080


def test_mine_can_be_saved_over_it(admin: Person, store: Store, page: str) -> None:
    mine, theirs = admin.get(page), admin.get(page)
    press(admin, theirs, "ACCEPT", {"port": "8080", "timeout": "5"})
    conflict = press(admin, mine, "ACCEPT", {"port": "8888"})
    assert press(admin, conflict, "Save my version", form="mine").status_code == 303
    assert store.snapshot().config.virtual[0].port == 8888


def test_saving_mine_over_it_conflicts_again_when_they_changed_it_once_more(
    admin: Person, store: Store, page: str
) -> None:
    mine, theirs = admin.get(page), admin.get(page)
    press(admin, theirs, "ACCEPT", {"port": "8080"})
    conflict = press(admin, mine, "ACCEPT", {"port": "8888"})
    press(admin, page, "ACCEPT", {"port": "8081"})
    assert press(admin, conflict, "Save my version", form="mine").status_code == 409
    assert store.snapshot().config.virtual[0].port == 8081


def test_theirs_can_be_kept(admin: Person, page: str) -> None:
    mine, theirs = admin.get(page), admin.get(page)
    press(admin, theirs, "ACCEPT", {"port": "8080"})
    conflict = press(admin, mine, "ACCEPT", {"port": "8888"})
    assert f'href="{page}">Keep the current version</a>' in conflict.text


def test_a_change_of_another_part_of_the_object_is_merged(
    admin: Person, store: Store, ids: Ids, page: str
) -> None:
    mine = admin.get(page)
    press(admin, f"{page}/scripts", "ACCEPT", {"expect": "HTTP"})
    press(admin, "/virtual", "(DE)ACTIVATE", {"selected_host": f"{ids.web}.1"}, form="list")
    assert press(admin, mine, "ACCEPT", {"port": "8080"}).status_code == 303
    virtual = store.snapshot().config.virtual[0]
    assert (virtual.port, virtual.expect, virtual.active) == (8080, "HTTP", False)


def test_global_settings_and_redundancy_conflict_too(admin: Person, store: Store) -> None:
    press(admin, "/redundancy", "ENABLE")
    mine, theirs = admin.get("/redundancy"), admin.get("/redundancy")
    press(admin, theirs, "ACCEPT", {"keepalive": "3"})
    assert press(admin, mine, "ACCEPT", {"keepalive": "4"}).status_code == 409
    assert store.snapshot().config.keepalive == 3


def test_a_reset_over_somebody_elses_change_asks_first(admin: Person, store: Store) -> None:
    press(admin, "/redundancy", "ENABLE")
    mine, theirs = admin.get("/redundancy"), admin.get("/redundancy")
    press(admin, theirs, "ACCEPT", {"keepalive": "3"})
    assert press(admin, mine, "RESET").status_code == 409
    assert store.snapshot().config.keepalive == 3


def test_what_cannot_be_read_is_told_before_the_conflict(admin: Person, page: str) -> None:
    mine, theirs = admin.get(page), admin.get(page)
    press(admin, theirs, "ACCEPT", {"port": "8080"})
    assert press(admin, mine, "ACCEPT", {"port": "80x"}).status_code == 422


def test_real_servers_conflict_too(admin: Person, store: Store, ids: Ids, page: str) -> None:
    address = f"{page}/real/{ids.rs1}"
    mine, theirs = admin.get(address), admin.get(address)
    press(admin, theirs, "ACCEPT", {"weight": "3"})
    answer = press(admin, mine, "ACCEPT", {"weight": "4"})
    assert answer.status_code == 409
    press(admin, answer, "Save my version", form="mine")
    assert store.snapshot().config.virtual[0].server[0].weight == 4


def test_scripts_conflict_and_keep_what_was_typed(admin: Person, store: Store, page: str) -> None:
    address = f"{page}/scripts"
    mine, theirs = admin.get(address), admin.get(address)
    press(admin, theirs, "ACCEPT", {"send": "theirs"})
    answer = press(admin, mine, "ACCEPT", {"send": 'mine "&lt;'})
    assert answer.status_code == 409
    press(admin, answer, "Save my version", form="mine")
    assert store.snapshot().config.virtual[0].send == 'mine "&lt;'


def test_an_edit_of_something_deleted_meanwhile_says_who_deleted_it(
    admin: Person, store: Store, ids: Ids, page: str
) -> None:
    mine = admin.get(page)
    press(admin, f"{page}/delete", "DELETE", form="delete")
    answer = press(admin, mine, "ACCEPT", {"port": "8080"})
    assert answer.status_code == 410
    assert "<b>web</b> was deleted by admin" in answer.text
    assert "Your change was not saved." in answer.text


def test_a_deleted_object_can_be_put_back_from_its_own_address(admin: Person, store: Store, page: str) -> None:
    press(admin, f"{page}/delete", "DELETE", form="delete")
    press(admin, admin.get(page), "UNDO", form="undo")
    assert [row.virtual.name for row in store.snapshot().virtual] == ["web", "mail"]


@pytest.mark.parametrize("serial", [None, "", "x", "-1", "9" * 30])
def test_a_form_without_the_serial_it_was_opened_from_is_refused(
    admin: Person, store: Store, page: str, serial: str | None
) -> None:
    assert press(admin, page, "ACCEPT", {"serial": serial}).status_code == 400
    assert store.snapshot().serial_no == 1
