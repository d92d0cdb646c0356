"""Finds the form of a real server as a person would: by the links from page to page."""

from collections.abc import Callable

from tests.web.filled_form import FilledForm

WEIGHT = "weight"


def server_form(text_of: Callable[[str], str], position: int) -> FilledForm:
    """Return the form of the first real server of the virtual server at `position`; `text_of` opens a page."""
    row = _nth_link(text_of("/virtual"), "/virtual/", position)
    servers = text_of(f"{row}/real")
    return FilledForm.on(text_of(_nth_link(servers, f"{row}/real/", 0)), "edit")


def accepted(form: FilledForm, weight: int) -> dict[str, str]:
    """Return what is sent when ACCEPT is pressed with that weight in its box."""
    name, value = form.buttons["ACCEPT"]
    return {**form.fields, name: value, WEIGHT: str(weight)}


def token_of(html: str) -> str:
    """Return the token a form of the page sends."""
    return html.partition('name="csrf_token" value="')[2].partition('"')[0]


def _nth_link(html: str, beginning: str, number: int) -> str:
    """Return the address of the so many-th different thing the page links to below `beginning`."""
    found = dict.fromkeys(
        part.partition('"')[0].removeprefix(beginning).partition("/")[0].partition("?")[0]
        for part in html.split('href="')[1:]
        if part.startswith(beginning)
    )
    return beginning + [word for word in found if word.isdigit()][number]
