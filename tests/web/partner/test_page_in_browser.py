"""The page PARTNER in a browser, alone and while somebody has to choose."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from app.lvs.pair.lineage import RevisionId
from app.settings import Settings
from app.store import PairingOffer, Store
from tests.web.browsing import PHONE_WIDTH, axe_violations, overflow
from tests.web.clusters import save_cluster

pytestmark = pytest.mark.browser


def test_it_is_readable_on_a_phone_and_a_choice_is_made(
    admin_page: Page, settings: Settings, store: Store
) -> None:
    save_cluster(settings, store)
    admin_page.set_viewport_size({"width": PHONE_WIDTH, "height": 800})
    admin_page.goto("/redundancy")
    admin_page.get_by_role("link", name="PARTNER").click()
    assert axe_violations(admin_page) == []
    assert overflow(admin_page) <= 0
    store.partners.pair("lvs2", "192.0.2.2", 3637, b"")
    theirs = settings.lvs_cf.read_bytes().replace(b"port = 80\n", b"port = 8080\n")
    store.partners.keep_offer(PairingOffer(RevisionId(1, "0" * 64), datetime.now(UTC), "anna", "a change", theirs))
    admin_page.reload()
    assert axe_violations(admin_page) == []
    assert overflow(admin_page) <= 0
    admin_page.get_by_role("button", name="TAKE THE PARTNER'S").click()
    expect(admin_page.get_by_text("saved 2")).to_be_visible()
    assert store.snapshot().config.virtual[0].port == 8080
    admin_page.goto("/virtual")
    expect(admin_page.get_by_text("partner is not running")).to_be_visible()
    assert axe_violations(admin_page) == []
