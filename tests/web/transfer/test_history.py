"""HISTORY: who changed what and when, and the ways back."""

import pytest

from app.settings import Settings
from app.store import Store
from tests.web.clusters import Ids, save_cluster
from tests.web.filled_form import press
from tests.web.person import Person


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


def test_it_is_empty_at_first(admin: Person) -> None:
    assert "Nothing has been accepted yet." in admin.get("/history").text


def test_it_lists_who_changed_what(admin: Person, ids: Ids) -> None:
    press(admin, f"/virtual/{ids.web}", "ACCEPT", {"port": "8080"})
    html = admin.get("/history").text
    assert "web: port 80 → 8080" in html
    assert "admin" in html
    assert html.index('href="/history/2"') < html.index('href="/history/1"')


def test_it_goes_on_to_older_revisions(admin: Person, settings: Settings, store: Store) -> None:
    for _ in range(52):
        save_cluster(settings, store)
    html = admin.get("/history").text
    assert 'href="/history/3"' in html
    assert 'href="/history/2"' not in html
    older = admin.get("/history?before=3").text
    assert 'href="/history/2"' in older
    assert 'href="/history/1"' in older


def test_a_revision_shows_the_difference_to_the_one_before(admin: Person, ids: Ids) -> None:
    press(admin, f"/virtual/{ids.web}", "ACCEPT", {"port": "8080"})
    html = admin.get("/history/2").text
    assert '<span class="removed">-     port = 80</span>' in html
    assert '<span class="added">+     port = 8080</span>' in html


def test_restore_makes_a_new_revision_equal_to_the_old_one(
    admin: Person, settings: Settings, store: Store, ids: Ids
) -> None:
    before = store.snapshot()
    press(admin, f"/virtual/{ids.web}", "ACCEPT", {"port": "8080"})
    press(admin, f"/virtual/{ids.mail}/delete", "DELETE", form="delete")
    press(admin, "/history/1", "RESTORE", form="restore")
    after = store.snapshot()
    assert after.serial_no == 4
    assert after.config.virtual == before.config.virtual
    assert "     port = 80\n" in settings.lvs_cf.read_text()


def test_there_is_no_page_for_a_revision_that_never_was(admin: Person, ids: Ids) -> None:
    assert admin.get("/history/99").status_code == 404
    assert admin.get("/history/0").status_code == 404


def test_undo_puts_a_virtual_server_back_although_other_things_changed(
    admin: Person, store: Store, ids: Ids
) -> None:
    deleted = press(admin, f"/virtual/{ids.web}/delete", "DELETE", form="delete")
    press(admin, f"/virtual/{ids.mail}", "ACCEPT", {"port": "2525"})
    shown = admin.follow(deleted)
    assert "The virtual server web was deleted." in shown.text
    press(admin, shown, "UNDO", form="undo")
    virtuals = store.snapshot().config.virtual
    assert [(virtual.name, virtual.port, len(virtual.server)) for virtual in virtuals] == [
        ("web", 80, 2),
        ("mail", 2525, 1),
    ]


def test_undo_pressed_twice_does_it_once(admin: Person, store: Store, ids: Ids) -> None:
    deleted = admin.follow(press(admin, f"/virtual/{ids.web}/delete", "DELETE", form="delete"))
    press(admin, deleted, "UNDO", form="undo")
    answer = admin.follow(press(admin, deleted, "UNDO", form="undo"))
    assert "web has already been restored." in answer.text
    assert len(store.snapshot().virtual) == 2


def test_undo_of_a_real_server_finds_its_virtual_server_at_another_place(
    admin: Person, store: Store, ids: Ids
) -> None:
    [mx1] = store.snapshot().virtual[1].servers
    deleted = press(admin, f"/virtual/{ids.mail}/real/{mx1.id}/delete", "DELETE", form="delete")
    press(admin, f"/virtual/{ids.web}/delete", "DELETE", form="delete")
    press(admin, admin.follow(deleted), "UNDO", form="undo")
    [mail] = store.snapshot().config.virtual
    assert [server.name for server in mail.server] == ["mx1"]


def test_undo_of_what_cannot_run_any_more_puts_it_back_down(admin: Person, store: Store, ids: Ids) -> None:
    deleted = press(admin, f"/virtual/{ids.web}/delete", "DELETE", form="delete")
    press(admin, f"/virtual/{ids.mail}", "ACCEPT", {"address": "192.168.26.10", "port": "80"})
    press(admin, "/virtual", "(DE)ACTIVATE", {"selected_host": f"{ids.mail}.0"}, form="list")
    answer = admin.follow(press(admin, admin.follow(deleted), "UNDO", form="undo"))
    assert "It is restored deactivated, because it would not be valid if active." in answer.text
    assert "is already used by" in answer.text
    assert [virtual.active for virtual in store.snapshot().config.virtual] == [False, True]


def test_undo_of_what_deleted_nothing_says_so(admin: Person, store: Store, ids: Ids) -> None:
    press(admin, f"/virtual/{ids.web}", "ACCEPT", {"port": "8080"})
    answer = admin.follow(admin.send("/history/2/undo", on="/virtual"))
    assert "Revision 2 deleted nothing that can be restored" in answer.text
    assert store.snapshot().serial_no == 2
