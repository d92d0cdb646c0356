"""The rows of CONTROL/MONITORING in a browser: found, sorted, opened, chosen and acted on; without script too."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from app.lvs.model.values import AdminState
from app.settings import Settings
from app.store import Store
from app.web.frame.security import cookie_name
from app.web.status import pulse_client
from app.web.table.view_options import VIEWS
from tests.web.browsing import PATIENCE_MS, PHONE_WIDTH, axe_violations, overflow
from tests.web.clusters import Ids, save_cluster
from tests.web.pulse_double import PulseDouble, running_pulse
from tests.web.table.browsing_control import INTERVAL_MS, next_update, open_control

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def every_question_is_answered_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_client, "KEPT_S", 0.0)


@pytest.fixture
def control(admin_page: Page) -> Page:
    """The page of the administrator, with a clock that stands still."""
    admin_page.clock.install()
    return admin_page


@pytest.fixture
def ids(settings: Settings, store: Store, pulse: PulseDouble) -> Ids:
    """A saved cluster that pulse has applied."""
    pulse.report["applied"] = {"serial_no": 1, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    return save_cluster(settings, store)


def heads(page: Page) -> list[str]:
    """Return the names of the services in the order of the page."""
    return page.locator("tr.service td[data-label=Name]").all_inner_texts()


def test_a_heading_sorts_at_once_without_a_reload_and_the_address_says_so(
    control: Page, pulse: PulseDouble
) -> None:
    open_control(control)
    control.evaluate("window.same = true")
    assert heads(control)[0] == "web"
    control.get_by_role("link", name="ActiveConn").click()
    expect(control.locator("tr.service td[data-label=Name]").first).to_have_text("shop https")
    expect(control).to_have_url(re.compile("sort=-active"))
    expect(control.get_by_role("columnheader", name="ActiveConn")).to_have_attribute("aria-sort", "descending")
    expect(control.get_by_role("link", name="ActiveConn")).to_be_focused()
    assert control.evaluate("window.same")
    control.go_back()
    expect(control.locator("tr.service td[data-label=Name]").first).to_have_text("web")


def test_what_is_typed_filters_and_what_is_wrong_with_it_is_said_beside_it(
    control: Page, pulse: PulseDouble
) -> None:
    open_control(control)
    control.get_by_label("Filter").press_sequentially("sched:wrr")
    control.clock.run_for(500)
    expect(control.locator("tr.service")).to_have_count(1)
    expect(control).to_have_url(re.compile("filter=sched%3Awrr"))
    control.get_by_label("Filter").fill("sched:")
    control.clock.run_for(500)
    expect(control.locator("#filter-says")).to_contain_text("“sched:” requires a value directly after it")
    expect(control.get_by_label("Filter")).to_have_attribute("aria-invalid", "true")
    expect(control.get_by_label("Filter")).to_have_value("sched:")


def test_a_filter_stays_while_tabs_are_changed(control: Page, pulse: PulseDouble) -> None:
    open_control(control, "?rate=5&filter=shop")
    control.get_by_role("link", name="Statistics").click()
    expect(control.get_by_role("columnheader", name="OutBytes")).to_be_visible()
    expect(control.locator("tr.service")).to_have_count(1)
    expect(control.get_by_label("Filter")).to_have_value("shop")
    control.get_by_role("link", name="show all").click()
    expect(control.get_by_label("Filter")).to_have_value("")
    expect(control.locator("tr.service")).to_have_count(6)


def test_a_row_is_closed_and_opened_in_place(control: Page, pulse: PulseDouble) -> None:
    open_control(control)
    row = control.get_by_role("link", name="Servers of TCP 192.168.26.10:443")
    row.click()
    expect(row).to_have_attribute("aria-expanded", "false")
    expect(control.locator("tr.destination", has_text="192.168.26.21:443")).to_have_count(0)
    row.click()
    expect(control.locator("tr.destination", has_text="192.168.26.21:443")).to_have_count(1)


def test_no_row_moves_under_the_pointer_but_its_numbers_change(control: Page, pulse: PulseDouble) -> None:
    open_control(control, "?rate=5&auto_update=1&sort=-active&opened=none")
    before = heads(control)
    control.locator("tr.service").nth(1).hover()
    control.mouse.move(400, 500)
    control.locator("tr.service").nth(1).hover()
    for destination in pulse.report["services"][0]["destinations"]:
        destination["active"] = 999
    next_update(control)
    expect(control.locator("tr.service", has_text="web").nth(0)).to_contain_text("2997")
    assert heads(control) == before
    control.clock.run_for(500)
    expect(control.locator("#age")).to_contain_text("waiting while the pointer is on the table")
    control.mouse.move(5, 5)
    control.clock.run_for(500)
    expect(control.locator("tr.service td[data-label=Name]").first).to_have_text("web")


def test_chosen_rows_stay_chosen_through_updates_and_other_pages(
    control: Page, ids: Ids, pulse: PulseDouble
) -> None:
    open_control(control)
    control.get_by_role("checkbox", name="Select web1 of web").check()
    expect(control.locator("#picked")).to_have_text("1 selected")
    pulse.report["services"][0]["destinations"][1]["active"] = 77
    next_update(control)
    expect(control.get_by_role("checkbox", name="Select web1 of web")).to_be_checked()
    control.get_by_label("Filter").fill("rs:web2")
    control.clock.run_for(500)
    expect(control.get_by_role("checkbox", name="Select web1 of web")).to_have_count(0)
    control.get_by_role("checkbox", name="Select web2 of web").check()
    expect(control.locator("#picked")).to_have_text("2 selected")
    control.get_by_role("button", name="DRAIN").click()
    expect(control.get_by_text("2 real servers in 1 virtual server")).to_be_visible()


def test_shift_chooses_all_between_two_rows(control: Page, ids: Ids) -> None:
    open_control(control)
    boxes = control.locator("input[name=pick]")
    boxes.first.check()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(control.locator("#picked")).to_have_text("3 selected")
    control.get_by_role("button", name="Clear selection").click()
    expect(control.locator("#picked")).to_have_text("nothing selected")
    expect(boxes.first).not_to_be_checked()


def test_rows_are_drained_by_keyboard_and_that_is_undone(
    control: Page, ids: Ids, store: Store, pulse: PulseDouble
) -> None:
    open_control(control)
    control.keyboard.press("j")
    control.keyboard.press("j")
    control.keyboard.press("x")
    expect(control.get_by_role("checkbox", name="Select web1 of web")).to_be_checked()
    control.keyboard.press("d")
    expect(control.get_by_role("heading", level=1)).to_have_text("DRAIN")
    control.get_by_label("Reason").press("Enter")
    expect(control.get_by_text("saved 2")).to_be_visible()
    assert store.snapshot().config.virtual[0].server[0].admin_state is AdminState.DRAIN
    control.get_by_role("button", name="UNDO").click()
    expect(control.get_by_text("saved 3")).to_be_visible()
    assert store.snapshot().config.virtual[0].server[0].admin_state is None


def test_the_keys_filter_pause_and_explain_themselves_and_can_be_turned_off(
    control: Page, pulse: PulseDouble
) -> None:
    open_control(control)
    control.keyboard.press("/")
    expect(control.get_by_label("Filter")).to_be_focused()
    control.keyboard.type("xp")
    expect(control.get_by_label("Filter")).to_have_value("xp")
    control.keyboard.press("Escape")
    control.keyboard.press("p")
    expect(control.get_by_label("Auto update")).not_to_be_checked()
    control.keyboard.press("?")
    expect(control.get_by_role("dialog")).to_be_visible()
    control.get_by_label("Enable keyboard shortcuts").uncheck()
    control.keyboard.press("Escape")
    control.keyboard.press("p")
    expect(control.get_by_label("Auto update")).not_to_be_checked()


def test_a_page_that_gets_no_answer_says_so_and_recovers(control: Page, pulse: PulseDouble) -> None:
    open_control(control)

    def hold(route: Route) -> None:
        """Let the question wait for good."""

    control.route("**/control/table*", hold)
    control.clock.run_for(INTERVAL_MS)
    control.clock.run_for(INTERVAL_MS + 500)
    expect(control.get_by_role("status").filter(has_text="the server does not answer")).to_be_visible()
    control.unroute("**/control/table*")
    next_update(control)
    control.clock.run_for(500)
    expect(control.locator("#live-says")).to_have_text("")


def test_a_daemon_that_was_restarted_is_shown_again(control: Page, settings: Settings) -> None:
    with running_pulse(settings.pulse_socket):
        open_control(control)
    next_update(control)
    expect(control.locator("#daemon")).to_contain_text("stopped")
    with running_pulse(settings.pulse_socket):
        next_update(control)
        expect(control.locator("#daemon")).to_contain_text("running")
        expect(control.locator("tr.service")).to_have_count(6)


@pytest.fixture
def plain_page(browser: Browser, server: str, settings: Settings, session_token: str) -> Iterator[Page]:
    """A page of the administrator in a browser without script."""
    context = browser.new_context(base_url=server, java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": cookie_name(settings, "session"), "value": session_token, "url": server}])
    yield context.new_page()
    context.close()


def test_without_script_rows_are_found_sorted_chosen_and_changed(plain_page: Page, ids: Ids, store: Store) -> None:
    plain_page.goto("/control?rate=5")
    plain_page.get_by_label("Filter").fill("vs:web")
    plain_page.get_by_role("button", name="Update information now").click()
    plain_page.get_by_role("link", name="ActiveConn").click()
    expect(plain_page.locator("tr.service td[data-label=Name]")).to_have_text(["web", "web6"])
    plain_page.get_by_role("checkbox", name="Select web1 of web").check()
    plain_page.get_by_role("button", name="SET WEIGHT").click()
    plain_page.get_by_label("Weight").fill("9")
    plain_page.get_by_role("button", name="CONFIRM").last.click()
    expect(plain_page.get_by_text("saved 2")).to_be_visible()
    expect(plain_page.get_by_label("Filter")).to_have_value("vs:web")
    assert store.snapshot().config.virtual[0].server[0].weight == 9


def test_the_list_of_keys_has_no_axe_violation(admin_page: Page, pulse: PulseDouble) -> None:
    admin_page.goto("/control")
    admin_page.get_by_role("button", name="Keyboard shortcuts").click()
    assert axe_violations(admin_page) == []


@pytest.mark.parametrize("view", [*VIEWS, "overview&group=host&names=1", "overview&filter=state:nothing"])
def test_no_tab_has_an_axe_violation_and_each_fits_a_phone(admin_page: Page, ids: Ids, view: str) -> None:
    admin_page.goto(f"/control?view={view}")
    assert axe_violations(admin_page) == []
    admin_page.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    assert overflow(admin_page) == 0


@pytest.mark.parametrize("action", ["DRAIN", "SET WEIGHT", "DEACTIVATE"])
def test_the_page_that_says_the_effect_has_no_axe_violation(admin_page: Page, ids: Ids, action: str) -> None:
    admin_page.goto("/control")
    admin_page.get_by_role("checkbox", name="Select web", exact=True).check()
    admin_page.get_by_role("button", name=action, exact=True).click()
    expect(admin_page.get_by_role("heading", level=1)).to_have_text(action)
    assert axe_violations(admin_page) == []
    admin_page.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    assert overflow(admin_page) == 0
