"""lvs.cf edited by hand: every page says so, and one page shows the difference and the two ways on."""

from html import unescape

import pytest

from app.settings import Settings
from app.store import Store
from tests.web.clusters import Ids, save_cluster
from tests.web.filled_form import press
from tests.web.person import Person

PAGE = "/by-hand"
BANNER = "lvs.cf was edited by hand: pulse runs the file"
FIRST = "an lvs.cf already exists and pulse runs it"
GOOD = "# by puppet\nserial_no = 40\nprimary = 192.168.26.2\nvirtual shop {\n     port = 443\n}\n"
BROKEN = "serial_no = 1\nvirtual web {\n     port = many\n}\n"
PAGES = ["/control", "/global", "/redundancy", "/virtual", "/virtual/{web}", "/virtual/{web}/real"]
PAGES += ["/virtual/{web}/real/{rs1}", "/virtual/{web}/scripts", "/history", "/transfer"]


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.mark.parametrize("address", PAGES)
def test_every_configuration_page_says_that_it_was_edited(
    admin: Person, settings: Settings, ids: Ids, address: str
) -> None:
    address = address.format(web=ids.web, rs1=ids.rs1)
    assert BANNER not in admin.get(address).text
    settings.lvs_cf.write_text(GOOD)
    html = admin.get(address).text
    assert BANNER in html
    assert 'href="/by-hand"' in html


def test_the_pages_of_the_sign_in_say_nothing_of_it(admin: Person, anybody: Person, settings: Settings) -> None:
    settings.lvs_cf.write_text(GOOD)
    assert "lvs.cf" not in anybody.get("/login").text
    assert BANNER not in admin.get("/password").text


def test_an_edit_is_seen_at_once_even_one_of_the_same_length(admin: Person, settings: Settings, ids: Ids) -> None:
    assert BANNER not in admin.get("/virtual").text
    written = settings.lvs_cf.read_text()
    settings.lvs_cf.write_text(written.replace("port = 80", "port = 81"))
    assert BANNER in admin.get("/virtual").text
    settings.lvs_cf.write_text(written)
    assert BANNER not in admin.get("/virtual").text


def test_our_own_changes_are_no_edits_by_hand(admin: Person, ids: Ids) -> None:
    for port in ("8080", "8081"):
        assert BANNER not in admin.follow(press(admin, f"/virtual/{ids.web}", "ACCEPT", {"port": port})).text


def test_a_late_file_is_no_edit_by_hand(admin: Person, settings: Settings, ids: Ids) -> None:
    late = settings.lvs_cf.read_bytes()
    press(admin, f"/virtual/{ids.web}", "ACCEPT", {"port": "8080"})
    settings.lvs_cf.write_bytes(late)
    assert BANNER not in admin.get("/virtual").text
    assert "LVS.CF IS OUT OF DATE" in admin.get(PAGE).text


def test_the_page_shows_the_difference_and_what_will_bite(admin: Person, settings: Settings, ids: Ids) -> None:
    edited = settings.lvs_cf.read_text().replace("     port = 80\n", "     port = 81\n     frobnicate = 1\n")
    settings.lvs_cf.write_text(edited)
    html = unescape(admin.get(PAGE).text)
    assert '<span class="removed">-     port = 80</span>' in html
    assert '<span class="added">+     port = 81</span>' in html
    line = 1 + edited.splitlines().index("     frobnicate = 1")
    assert f"<b>{line}:6</b> warning: 'frobnicate' is not a key of lvs.cf" in html
    assert "pulse is running the file as it is" in html


def test_import_takes_the_file_as_it_is(admin: Person, settings: Settings, store: Store, ids: Ids) -> None:
    settings.lvs_cf.write_text(GOOD)
    answer = admin.follow(press(admin, PAGE, "IMPORT", form="import"))
    assert BANNER not in answer.text
    assert [row.virtual.name for row in store.snapshot().virtual] == ["shop"]
    assert settings.lvs_cf.read_text() == GOOD.replace("serial_no = 40", "serial_no = 41")
    assert store.revisions(1)[0].summary == "lvs.cf imported after an edit by hand"


def test_overwrite_writes_what_the_pages_show(admin: Person, settings: Settings, store: Store, ids: Ids) -> None:
    before = store.snapshot().config.virtual
    settings.lvs_cf.write_text(GOOD)
    answer = admin.follow(press(admin, PAGE, "OVERWRITE", form="mine"))
    assert BANNER not in answer.text
    assert "virtual shop" not in settings.lvs_cf.read_text()
    assert store.snapshot().config.virtual == before
    assert "lvs.cf overwritten after an edit by hand" in admin.get("/history").text


@pytest.mark.parametrize(("button", "form"), [("IMPORT", "import"), ("OVERWRITE", "mine")])
def test_a_file_that_changed_again_is_shown_anew(
    admin: Person, settings: Settings, store: Store, ids: Ids, button: str, form: str
) -> None:
    settings.lvs_cf.write_text(GOOD)
    page = admin.get(PAGE)
    settings.lvs_cf.write_text(GOOD + "# and again\n")
    answer = press(admin, page, button, form=form)
    assert answer.status_code == 409
    assert "+# and again" in answer.text
    assert ("Nothing was imported; check the difference again." in answer.text) == (button == "IMPORT")
    assert store.snapshot().serial_no == 1
    press(admin, answer, button, form=form)
    assert store.snapshot().serial_no == 41


def test_a_broken_file_can_be_overwritten_but_not_imported(
    admin: Person, settings: Settings, store: Store, ids: Ids
) -> None:
    settings.lvs_cf.write_text(BROKEN)
    page = admin.get(PAGE)
    assert '<button type="submit" form="import" disabled>' in page.text
    assert "<b>3:13</b> error: port is &#39;many&#39;" in page.text
    assert "pulse rejects it" in page.text
    assert press(admin, page, "IMPORT", form="import").status_code == 422
    assert (store.snapshot().serial_no, settings.lvs_cf.read_text()) == (1, BROKEN)
    press(admin, page, "OVERWRITE", form="mine")
    assert "virtual web" in settings.lvs_cf.read_text()


def test_a_file_the_rules_refuse_cannot_be_imported(
    admin: Person, settings: Settings, store: Store, ids: Ids
) -> None:
    twin = "virtual {} {{\n     active = 1\n     address = 192.168.26.9 eth0:1\n     port = 80\n}}\n"
    settings.lvs_cf.write_text(twin.format("a") + twin.format("b"))
    assert press(admin, PAGE, "IMPORT", form="import").status_code == 422
    assert store.snapshot().serial_no == 1


def test_a_first_start_beside_piranhas_file_offers_to_import_it(
    admin: Person, settings: Settings, store: Store
) -> None:
    assert FIRST not in admin.get("/global").text
    settings.lvs_cf.write_text(GOOD)
    for address in ("/control", "/global", "/virtual"):
        assert FIRST in admin.get(address).text
    page = admin.get(PAGE)
    assert "LVS.CF ALREADY EXISTS" in page.text
    press(admin, page, "IMPORT", form="import")
    assert str(store.snapshot().config.primary) == "192.168.26.2"
    assert FIRST not in admin.get("/global").text


def test_a_first_start_can_give_the_file_up(admin: Person, settings: Settings, store: Store) -> None:
    settings.lvs_cf.write_text(BROKEN)
    page = admin.get(PAGE)
    assert "write the initial settings, without virtual servers" in page.text
    press(admin, page, "OVERWRITE", form="mine")
    assert store.snapshot().serial_no == 1
    assert "serial_no = 1" in settings.lvs_cf.read_text()


def test_what_is_to_be_overwritten_can_be_kept(admin: Person, settings: Settings, ids: Ids) -> None:
    settings.lvs_cf.write_text(BROKEN)
    answer = admin.get("/by-hand/lvs.cf")
    assert answer.text == BROKEN
    assert answer.headers["Content-Disposition"] == 'attachment; filename="lvs.cf"'
    settings.lvs_cf.unlink()
    assert admin.get("/by-hand/lvs.cf").status_code == 404


@pytest.mark.parametrize("content", [None, ""])
def test_a_file_that_is_gone_or_empty_is_written_again(
    admin: Person, settings: Settings, store: Store, ids: Ids, content: str | None
) -> None:
    press(admin, f"/virtual/{ids.web}", "ACCEPT", {"port": "8080"})
    settings.lvs_cf.unlink()
    if content is not None:
        settings.lvs_cf.write_text(content)
    assert "lvs.cf is missing or empty" in admin.get("/virtual").text
    press(admin, PAGE, "OVERWRITE", form="mine")
    assert "port = 8080" in settings.lvs_cf.read_text()


def test_a_file_that_cannot_be_read_is_said_to_be_so(admin: Person, settings: Settings, ids: Ids) -> None:
    settings.lvs_cf.unlink()
    settings.lvs_cf.mkdir()
    assert "lvs.cf cannot be read" in admin.get("/virtual").text
    page = admin.get(PAGE)
    assert "it is not a regular file" in page.text
    assert "OVERWRITE" not in page.text


def test_with_nothing_to_decide_it_says_so(admin: Person, store: Store, settings: Settings) -> None:
    assert "nothing has been written yet" in admin.get(PAGE).text
    save_cluster(settings, store)
    assert "is as it was last written (serial 1)" in admin.get(PAGE).text


def test_nothing_of_the_file_is_taken_for_html(admin: Person, settings: Settings, ids: Ids) -> None:
    settings.lvs_cf.write_text("primary = <script>alert(1)</script>\n# <img src=x onerror=alert(1)>\n")
    html = admin.get(PAGE).text
    assert "<script>alert" not in html
    assert "<img" not in html
