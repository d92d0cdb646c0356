"""Every page there is: its HTML is valid, and nothing in it points at what is not there."""

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask

from app.settings import Settings
from app.store import Store
from tests.web.every_page import FURTHER, addresses, fill
from tests.web.nu_checker import nu_messages
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble, new_report

POINTERS = ("for", "form", "list", "aria-labelledby", "aria-describedby", "headers")
PHRASES = {"p", "span", "b", "code", "label", "button", "h1", "h2", "h3", "pre"}
BLOCKS = {"div", "p", "ul", "ol", "dl", "table", "form", "section", "pre", "fieldset", "details", "h1", "h2", "h3"}
MEMBERS = {"ul": {"li"}, "ol": {"li"}, "dl": {"div", "dt", "dd"}, "select": {"option", "optgroup"}}


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
    assert [f"{address}: {wrong}" for address, answer in answers.items() for wrong in faults(answer.text)] == []
    assert nu_messages({address: answer.text for address, answer in answers.items()}) == []


def test_its_html_is_valid_while_there_is_nothing(app: Flask, admin: Person, pulse: PulseDouble) -> None:
    pulse.report = new_report()
    answers = {address: admin.get(address) for address in addresses(app, None)}
    assert {address for address, answer in answers.items() if answer.status_code >= 400} == set()
    assert [f"{address}: {wrong}" for address, answer in answers.items() for wrong in faults(answer.text)] == []
    assert nu_messages({address: answer.text for address, answer in answers.items()}) == []


def test_what_the_checker_finds_is_told() -> None:
    page = (
        "<!doctype html><html lang=en><head><title>t</title></head><body><pre aria-label=x>a</pre></body></html>"
    )
    [found] = nu_messages({"/right": page.replace(" aria-label=x", ""), "/wrong": page})
    assert found.startswith("/wrong line 1: The “aria-label” attribute must not be specified")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<p>one<div>two</div></p>", "unexpected-end-tag"),
        ("<p><b>x</p>", "unexpected-end-tag"),
        ("<p id=a></p><p id=a></p>", "the id 'a' is there twice"),
        ("<label for=a>x</label>", "for='a' points at nothing"),
        ("<ul><p>x</p></ul>", "p in ul"),
        ("<span><div>x</div></span>", "div in span"),
        ("<table><tr><p>x</p></tr></table>", "implies-table-voodoo"),
    ],
)
def test_what_is_not_valid_is_found(text: str, says: str) -> None:
    whole = f"<!doctype html><html lang=en><head><title>t</title></head><body>{text}</body></html>"
    assert says in "; ".join(faults(whole))


def faults(text: str) -> Iterator[str]:
    """Yield what is wrong with the HTML of a page."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree: Element = parser.parse(text)
    for (line, _), code, given in parser.errors:
        yield f"line {line}: {code} {given}"
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
    yield from (f"the id '{name}' is there twice" for name, times in ids.items() if times > 1)
    for element in tree.iter():
        for attribute in POINTERS:
            for name in (element.get(attribute) or "").split():
                if name not in ids:
                    yield f"{attribute}='{name}' points at nothing"
        yield from _misplaced(element)


def _misplaced(element: Element) -> Iterator[str]:
    members = MEMBERS.get(element.tag)
    for child in element:
        if (members is not None and child.tag not in members) or (element.tag in PHRASES and child.tag in BLOCKS):
            yield f"{child.tag} in {element.tag}"
