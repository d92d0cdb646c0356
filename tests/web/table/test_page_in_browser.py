"""CONTROL/MONITORING in a browser: live, without taking anything from under the reader's hand."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from app.settings import Settings
from app.store import Store
from app.web.status import pulse_client
from tests.web.browsing import PHONE_WIDTH, axe_violations, overflow
from tests.web.pulse_double import PulseDouble, a_service, running_pulse
from tests.web.table.browsing_control import INTERVAL_MS, next_update, open_control

pytestmark = pytest.mark.browser

FIRST = "192.168.26.21:80"


@pytest.fixture(autouse=True)
def every_question_is_answered_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_client, "KEPT_S", 0.0)


@pytest.fixture
def control(admin_page: Page) -> Page:
    """The page of the administrator, with a clock that stands still."""
    admin_page.clock.install()
    return admin_page


def active(page: Page) -> str:
    row = page.locator("tr.destination", has_text=FIRST)
    return str(row.locator("td[data-label=ActiveConn]").inner_text())


def test_numbers_change_without_a_reload(control: Page, pulse: PulseDouble) -> None:
    open_control(control)
    assert active(control) == "12"
    control.evaluate("window.same = true")
    pulse.report["services"][0]["destinations"][0]["active"] = 77
    next_update(control)
    expect(control.locator("tr.destination td[data-label=ActiveConn]").first).to_have_text("77")
    assert control.evaluate("window.same")


def test_rows_come_and_go_and_the_others_stay_the_same_elements(control: Page, pulse: PulseDouble) -> None:
    open_control(control)
    control.evaluate("window.kept = document.querySelectorAll('.routing tbody')[1]")
    pulse.report["services"] = [a_service(1), *pulse.report["services"][1:]]
    next_update(control)
    expect(control.locator("tbody").filter(has_text="virtual-1")).to_have_count(1)
    expect(control.locator("tr.destination", has_text=FIRST)).to_have_count(0)
    assert control.evaluate("window.kept.isConnected && window.kept.textContent.includes('shop https')")


def test_a_selection_is_not_taken_away_and_the_news_comes_when_it_ends(control: Page, pulse: PulseDouble) -> None:
    open_control(control, "?view=raw")
    control.evaluate("document.getSelection().selectAllChildren(document.getElementById('raw'))")
    selected = control.evaluate("String(document.getSelection())")
    pulse.report["ipvsadm"] = ["everything is different"]
    next_update(control)
    control.clock.run_for(500)
    expect(control.locator("#age")).to_contain_text("waiting while text is selected")
    assert control.evaluate("String(document.getSelection())") == selected
    control.evaluate("document.getSelection().removeAllRanges()")
    expect(control.locator("#raw")).to_have_text("everything is different")


def test_what_is_typed_and_focused_stays_through_an_update(control: Page, pulse: PulseDouble) -> None:
    open_control(control)
    control.get_by_label("Filter").fill("web")
    next_update(control)
    expect(control.locator(".routing tbody")).to_have_count(4)
    assert control.get_by_label("Filter").input_value() == "web"
    assert control.evaluate("document.activeElement.id") == "filter"


def test_a_focused_link_keeps_the_focus_while_rows_above_it_go(control: Page, pulse: PulseDouble) -> None:
    open_control(control)
    control.get_by_role("link", name="Raw").focus()
    pulse.report["repairs"] = []
    pulse.report["addresses"] = []
    next_update(control)
    expect(control.get_by_text("Another process changed the table")).to_have_count(0)
    expect(control.get_by_role("link", name="Raw")).to_be_focused()


def test_the_scroll_position_stays_through_an_update(control: Page, pulse: PulseDouble) -> None:
    pulse.report["services"] = [a_service(number) for number in range(50)]
    open_control(control)
    control.evaluate("window.scrollTo(0, 1000)")
    pulse.report["services"][0]["destinations"][0]["active"] = 5
    next_update(control)
    expect(control.locator("tr.service td[data-label=ActiveConn]").first).to_have_text("5")
    assert control.evaluate("window.scrollY") == 1000


def test_an_opened_list_of_repairs_stays_open(control: Page, pulse: PulseDouble) -> None:
    open_control(control)
    control.get_by_text("Another process changed the table").click()
    next_update(control)
    expect(control.get_by_text("ipvsadm -A -t 192.168.26.10:80")).to_be_visible()


def test_data_is_marked_as_stale_when_the_server_is_gone(control: Page, pulse: PulseDouble) -> None:
    open_control(control)

    def cut(route: Route) -> None:
        route.abort()

    control.route("**/control/table*", cut)
    with control.expect_event("requestfailed"):
        control.clock.run_for(INTERVAL_MS)
    control.clock.run_for(500)
    expect(control.locator("#live")).to_have_class(re.compile("is-stale"))
    expect(control.locator("#age")).to_contain_text("stale: updated")
    expect(control.get_by_role("status").filter(has_text="No new data")).to_be_visible()
    control.unroute("**/control/table*")
    next_update(control)
    control.clock.run_for(500)
    expect(control.locator("#live")).not_to_have_class(re.compile("is-stale"))


def test_data_that_nobody_renews_grows_stale(control: Page, pulse: PulseDouble) -> None:
    open_control(control, "?rate=5")
    control.clock.run_for(3 * INTERVAL_MS - 2000)
    expect(control.locator("#age")).to_contain_text("paused")
    expect(control.locator("#live")).not_to_have_class(re.compile("is-stale"))
    control.clock.run_for(4000)
    expect(control.locator("#live")).to_have_class(re.compile("is-stale"))


def test_a_pulse_that_stops_takes_its_table_with_it(control: Page, settings: Settings) -> None:
    with running_pulse(settings.pulse_socket):
        open_control(control)
        expect(control.get_by_text("running", exact=False).first).to_be_visible()
    next_update(control)
    expect(control.locator("#daemon")).to_contain_text("stopped")
    expect(control.locator("table")).to_have_count(0)


def test_a_sign_in_that_ended_is_said_and_leads_to_a_new_one(
    control: Page, pulse: PulseDouble, store: Store, session_token: str
) -> None:
    open_control(control)
    store.sessions.close(session_token)
    next_update(control)
    expect(control.get_by_role("status").filter(has_text="You are signed out")).to_be_visible()
    expect(control.get_by_role("link", name="Sign in")).to_be_visible()


def test_the_choices_stand_in_the_address(control: Page, pulse: PulseDouble) -> None:
    open_control(control)
    control.get_by_label("Update Interval").select_option("10")
    expect(control).to_have_url(re.compile(r"\?auto_update=1&rate=10$"))
    control.get_by_label("Auto update").uncheck()
    expect(control).to_have_url(re.compile(r"\?rate=10$"))


def test_update_information_now_asks_at_once(control: Page, pulse: PulseDouble) -> None:
    open_control(control, "?rate=5")
    pulse.report["services"][0]["destinations"][0]["active"] = 78
    with control.expect_response("**/control/table*"):
        control.get_by_role("button", name="Update information now").click()
    expect(control.locator("tr.destination td[data-label=ActiveConn]").first).to_have_text("78")


def test_without_scripts_update_information_now_loads_the_page(
    browser: Browser, server: str, settings: Settings, session_token: str, pulse: PulseDouble
) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False)
    context.add_cookies([{"name": "palometa-session", "value": session_token, "url": server}])
    try:
        page = context.new_page()
        page.goto("/control?rate=5")
        pulse.report["services"][0]["destinations"][0]["active"] = 79
        page.get_by_role("button", name="Update information now").click()
        expect(page.locator("tr.destination td[data-label=ActiveConn]").first).to_have_text("79")
        expect(page.locator("#age")).to_contain_text("as of")
    finally:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/control", "/control?view=raw", "/password"])
def test_it_has_no_axe_violation_and_fits_a_phone(
    admin_page: Page, pulse: PulseDouble, address: str, scheme: str
) -> None:
    pulse.report["trouble"] = ["Something is wrong."]
    admin_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    admin_page.goto(address)
    assert axe_violations(admin_page) == []
    admin_page.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    assert overflow(admin_page) == 0
    assert axe_violations(admin_page) == []


def test_a_stopped_pulse_has_a_page_without_axe_violation(admin_page: Page) -> None:
    admin_page.goto("/control")
    assert axe_violations(admin_page) == []


def test_the_chosen_look_wins_over_the_systems(admin_page: Page, pulse: PulseDouble) -> None:
    admin_page.emulate_media(color_scheme="light")
    admin_page.goto("/control")
    admin_page.get_by_role("button", name="dark").click()
    expect(admin_page.locator("html")).to_have_attribute("data-look", "dark")
    assert admin_page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 20, 20)"
    assert axe_violations(admin_page) == []


def test_the_keyboard_reaches_the_content_first(admin_page: Page, pulse: PulseDouble) -> None:
    admin_page.goto("/control")
    admin_page.keyboard.press("Tab")
    expect(admin_page.get_by_role("link", name="Skip to the content")).to_be_focused()
    admin_page.keyboard.press("Enter")
    admin_page.keyboard.press("Tab")
    focused = admin_page.evaluate("document.getElementById('content').contains(document.activeElement)")
    assert focused


def test_the_tab_of_the_page_is_marked_for_ears_too(admin_page: Page, pulse: PulseDouble) -> None:
    admin_page.goto("/control")
    tabs = admin_page.get_by_role("navigation", name="Pages").get_by_role("link")
    expect(tabs).to_have_text(["CONTROL/MONITORING", "GLOBAL SETTINGS", "REDUNDANCY", "VIRTUAL SERVERS"])
    expect(tabs.first).to_have_attribute("aria-current", "page")


def test_nothing_is_refused_by_the_content_security_policy(admin_page: Page, pulse: PulseDouble) -> None:
    said: list[str] = []
    admin_page.on("console", lambda message: said.append(message.text))
    admin_page.on("pageerror", lambda error: said.append(str(error)))
    for address in ("/control", "/control?view=raw", "/password"):
        admin_page.goto(address)
    assert said == []
