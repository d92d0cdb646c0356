"""Reads the form of a page as a browser would send it: every box with what stands in it."""

from html.parser import HTMLParser
from typing import Self

from werkzeug.test import TestResponse

from tests.web.person import Person

Attributes = dict[str, str | None]


class FilledForm(HTMLParser):
    """The form with the id `form_id`: `fields` as they would be sent, `buttons` by what stands on them.

    `action` is empty for a form that is sent to where it stands.
    """

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.is_there = False
        self.action = ""
        self.fields: dict[str, str] = {}
        self.buttons: dict[str, tuple[str, str]] = {}
        self._is_inside = False
        self._select = ""
        self._has_chosen = False
        self._button: tuple[str, str] | None = None

    @classmethod
    def on(cls, html: str, form_id: str) -> Self:
        """Return the form as it stands on the page."""
        form = cls(form_id)
        form.feed(html)
        assert form.is_there, f"there is no form {form_id} on the page:\n{html}"
        return form

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: Attributes = dict(attrs)
        if tag == "form":
            self._is_inside = given.get("id") == self.form_id
            if self._is_inside:
                self.is_there, self.action = True, given.get("action") or ""
        elif tag == "button":
            is_of_form = given["form"] == self.form_id if "form" in given else self._is_inside
            self._button = (given.get("name") or "", given.get("value") or "") if is_of_form else None
        elif self._is_inside and tag == "input":
            self._take_input(given)
        elif self._is_inside and tag == "select":
            self._select, self._has_chosen = given["name"] or "", False
        elif self._select and tag == "option":
            self._take_option(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._button is not None and data.strip():
            self.buttons[data.strip()] = self._button
            self._button = None

    def _take_input(self, given: Attributes) -> None:
        name = given.get("name")
        if name is None or (given.get("type") in ("radio", "checkbox") and "checked" not in given):
            return
        self.fields[name] = given.get("value") or ""

    def _take_option(self, given: Attributes) -> None:
        if "selected" in given or not self._has_chosen:
            self.fields[self._select] = given.get("value") or ""
            self._has_chosen = True


def press(
    person: Person,
    page: str | TestResponse,
    button: str,
    changes: dict[str, str | None] | None = None,
    form: str = "edit",
) -> TestResponse:
    """Type `changes` into the form on `page` and press `button`; None for a box that is not sent at all."""
    html = person.get(page).text if isinstance(page, str) else page.text
    filled = FilledForm.on(html, form)
    assert button in filled.buttons, f"no button {button}, only {list(filled.buttons)}"
    name, value = filled.buttons[button]
    fields = {**filled.fields, **({name: value} if name else {}), **(changes or {})}
    sent = {key: text for key, text in fields.items() if text is not None}
    return person.client.post(filled.action, data=sent)
