"""Finds the form of a real server as a person would: by following links."""

from collections.abc import Callable

from tests.web.filled_form import FilledForm

WEIGHT = "weight"


def server_form(text_of: Callable[[str], str], position: int) -> FilledForm:
    """Return the form of the first real server of the virtual server at `position`; `text_of` opens a page."""
    row = _nth_link(text_of("/virtual"), "/virtual/", position)
    servers = text_of(f"{row}/real")
    return FilledForm.on(text_of(_nth_link(servers, f"{row}/real/", 0)), "edit")


def accepted(form: FilledForm, weight: int) -> dict[str, str]:
    """Return the form data that ACCEPT sends with `weight` in its field."""
    name, value = form.buttons["ACCEPT"]
    return {**form.fields, name: value, WEIGHT: str(weight)}


def token_of(html: str) -> str:
    """Return the CSRF token in the forms of the page."""
    return html.partition('name="csrf_token" value="')[2].partition('"')[0]


def _nth_link(html: str, beginning: str, number: int) -> str:
    """Return the address of the n-th distinct link of the page that begins with `beginning`."""
    found = dict.fromkeys(
        part.partition('"')[0].removeprefix(beginning).partition("/")[0].partition("?")[0]
        for part in html.split('href="')[1:]
        if part.startswith(beginning)
    )
    return beginning + [word for word in found if word.isdigit()][number]
