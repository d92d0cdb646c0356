"""The page API TOKENS in a browser."""

import pytest
from playwright.sync_api import Page, expect

from app.store import Scope, Store
from tests.web.browsing import PHONE_WIDTH, axe_violations, overflow

pytestmark = pytest.mark.browser


def test_a_token_is_made_shown_and_revoked(admin_page: Page, store: Store) -> None:
    admin_page.set_viewport_size({"width": PHONE_WIDTH, "height": 800})
    admin_page.goto("/control")
    admin_page.get_by_role("link", name="API TOKENS").click()
    assert axe_violations(admin_page) == []
    admin_page.get_by_label("Name").fill("prometheus")
    admin_page.get_by_role("button", name="CREATE").click()
    token = admin_page.get_by_label("The new token").inner_text().strip()
    assert axe_violations(admin_page) == []
    assert overflow(admin_page) <= 0
    found = store.api_tokens.find(token)
    assert found is not None
    assert found.scope is Scope.READ
    admin_page.get_by_role("button", name="REVOKE prometheus").click()
    expect(admin_page.get_by_text("The token 'prometheus' was revoked")).to_be_visible()
    assert store.api_tokens.find(token) is None
