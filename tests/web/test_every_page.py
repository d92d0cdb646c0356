"""Every page there is: its HTML is valid, and nothing in it points at what is not there."""

import re
from collections.abc import Mapping

import pytest
from flask import Flask

from app.settings import Settings
from app.store import Store
from tests.web.every_page import FURTHER, addresses, fill
from tests.web.nu_checker import nu_messages
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble, new_report


@pytest.mark.parametrize("is_running", [True, False], ids=["pulse runs", "pulse is stopped"])
def test_its_html_is_valid(
    request: pytest.FixtureRequest,
    app: Flask,
    settings: Settings,
    store: Store,
    admin: Person,
    anybody: Person,
    is_running: bool,
) -> None:
    if is_running:
        request.getfixturevalue("pulse")
    pages = [*addresses(app, fill(settings, store)), *FURTHER]
    answers = {address: admin.get(address) for address in pages} | {"/login as nobody": anybody.get("/login")}
    refused = {address.partition("?")[0] for address, answer in answers.items() if answer.status_code >= 400}
    assert refused == {"/setup/nobodys", "/nowhere"} | (set() if is_running else {"/drift/adopt"})
    assert len(answers) > 25
    assert faults({address: answer.text for address, answer in answers.items()}) == []


def test_its_html_is_valid_while_there_is_nothing(app: Flask, admin: Person, pulse: PulseDouble) -> None:
    pulse.report = new_report()
    answers = {address: admin.get(address) for address in addresses(app, None)}
    assert {address for address, answer in answers.items() if answer.status_code >= 400} == set()
    assert faults({address: answer.text for address, answer in answers.items()}) == []


def test_what_is_not_valid_is_found() -> None:
    right, *wrong = (
        "<p>one</p>",
        "<p>one<div>two</div></p>",
        "<p><b>x</p>",
        "<p id=a></p><p id=a></p>",
        "<label for=a>x</label>",
        "<input list=a aria-label=x>",
        "<table><tr><td headers=a>x</td></tr></table>",
        "<ul><p>x</p></ul>",
        "<span><div>x</div></span>",
        "<table><tr><p>x</p></tr></table>",
        "<pre aria-label=x>a</pre>",
    )
    whole = "<!doctype html><html lang=en><head><title>t</title></head><body>{}</body></html>"
    found = nu_messages({text: whole.format(text) for text in (right, *wrong)})
    assert [text for text in wrong if not any(message.startswith(f"{text} line 1: ") for message in found)] == []
    assert [message for message in found if message.startswith(right)] == []


def test_a_description_that_is_nowhere_is_found() -> None:
    page = '<p id="a"></p><p aria-describedby="a b"></p>'
    assert lost_targets(page) == ["nothing on the page has the ID b"]


def faults(pages: Mapping[str, str]) -> list[str]:
    """Return what is wrong with `pages`, which are HTML by their address."""
    lost = [f"{address}: {fault}" for address, page in pages.items() for fault in lost_targets(page)]
    return nu_messages(pages) + lost


def lost_targets(page: str) -> list[str]:
    """Return the IDs that an attribute points at and that nothing has: of these the checker does not tell."""
    pointed = " ".join(re.findall(r'\saria-(?:labelledby|describedby|controls)="([^"]*)"', page)).split()
    found = set(re.findall(r'\sid="([^"]*)"', page))
    return [f"nothing on the page has the ID {name}" for name in pointed if name not in found]
