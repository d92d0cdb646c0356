"""Importing, and an edit by hand, in a browser: by label and button, on a phone, in light and dark."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from app.settings import Settings
from app.store import Store
from tests.web.browsing import PHONE_WIDTH, axe_violations, overflow
from tests.web.clusters import save_cluster

pytestmark = pytest.mark.browser

FILE = (
    "# by hand\nprimary = 192.168.26.2\nvirtual shop {\n     port = 443\n     scheduler = sed\n     odd = 1\n}\n"
)
LONG = "     expect = " + "x" * 300 + " y\n"


def fits(page: Page) -> None:
    while page.locator("details:not([open])").count():
        page.locator("details:not([open]) summary").first.click()
    assert axe_violations(page) == []
    assert overflow(page) <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_file_is_looked_at_mended_and_imported(
    admin_page: Page, settings: Settings, store: Store, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    save_cluster(settings, store)
    upload = tmp_path / "router.cf"
    upload.write_text(FILE.replace("     odd", LONG + "     odd"))
    admin_page.emulate_media(color_scheme=scheme)
    admin_page.set_viewport_size({"width": PHONE_WIDTH, "height": 800})
    admin_page.goto("/virtual")
    admin_page.get_by_role("navigation", name="Account").get_by_role("link", name="IMPORT/EXPORT").click()
    admin_page.get_by_label("File").set_input_files(upload)
    admin_page.get_by_label("Check with the rules of Piranha, too").check()
    admin_page.get_by_role("button", name="PREVIEW").click()
    expect(admin_page.get_by_role("heading", level=1)).to_have_text("IMPORT: REFUSED")
    fits(admin_page)
    admin_page.get_by_label("or text").fill(FILE)
    admin_page.get_by_role("button", name="PREVIEW").click()
    expect(admin_page.get_by_role("heading", level=1)).to_have_text("IMPORT: PREVIEW")
    fits(admin_page)
    admin_page.get_by_role("button", name="IMPORT", exact=True).click()
    expect(admin_page.get_by_text("saved 2")).to_be_visible()
    expect(admin_page.get_by_role("link", name="shop", exact=True)).to_be_visible()
    admin_page.goto("/transfer")
    expect(admin_page.get_by_text("cannot read 2 lines")).to_be_visible()
    fits(admin_page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_edit_by_hand_is_said_on_the_page_and_taken_in(
    admin_page: Page, settings: Settings, store: Store, scheme: Literal["light", "dark"]
) -> None:
    save_cluster(settings, store)
    admin_page.emulate_media(color_scheme=scheme)
    admin_page.set_viewport_size({"width": PHONE_WIDTH, "height": 800})
    settings.lvs_cf.write_text(FILE)
    admin_page.goto("/global")
    fits(admin_page)
    admin_page.get_by_role("link", name="Review the difference").click()
    fits(admin_page)
    admin_page.get_by_role("button", name="IMPORT", exact=True).click()
    expect(admin_page.get_by_text("saved 2")).to_be_visible()
    expect(admin_page.get_by_role("link", name="shop", exact=True)).to_be_visible()
    settings.lvs_cf.write_text(FILE + "}\n")
    admin_page.goto("/by-hand")
    expect(admin_page.get_by_role("button", name="IMPORT", exact=True)).to_be_disabled()
    fits(admin_page)
