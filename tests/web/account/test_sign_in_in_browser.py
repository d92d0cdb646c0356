"""Signing in and out by the labels and buttons a person sees."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browsing import ADMIN, PASSWORD, PHONE_WIDTH, axe_violations, overflow
from tests.web.pulse_double import PulseDouble

pytestmark = pytest.mark.browser


def test_a_wrong_password_is_told_and_the_name_stays(page: Page) -> None:
    page.goto("/virtual")
    page.get_by_label("Name").fill(ADMIN)
    page.get_by_label("Password").fill("something else")
    page.get_by_role("button", name="SIGN IN").click()
    expect(page.get_by_role("alert")).to_contain_text("The name or the password is wrong.")
    assert page.get_by_label("Name").input_value() == ADMIN


def test_a_person_signs_in_to_the_page_they_asked_for_and_out_again(page: Page, pulse: PulseDouble) -> None:
    page.goto("/control?rate=10")
    page.get_by_label("Name").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    expect(page).to_have_url(re.compile(r"/control\?rate=10$"))
    page.get_by_role("button", name="LOG OUT").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.goto("/control")
    expect(page).to_have_url(re.compile(r"/login\?next=/control$"))


def test_without_scripts_a_person_signs_in_too(browser: Browser, server: str) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto("/")
        page.get_by_label("Name").fill(ADMIN)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="SIGN IN").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("CONTROL / MONITORING")
    finally:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/login", "/nowhere", "/setup/x"])
def test_the_pages_before_the_sign_in_have_no_axe_violation_and_fit_a_phone(
    page: Page, address: str, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(address)
    assert axe_violations(page) == []
    page.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    assert overflow(page) == 0
    assert axe_violations(page) == []
