"""Somebody at the pages of a router, without a browser.

Run as the web part's user with its environment, as `main([PAGE])` or `main([PAGE, FORM, BUTTON])`. The pages
answer within this process. Prints what is said then.
"""

import os
import sys

from app.settings import Settings
from app.store import open_store
from app.web.factory import create_app
from app.web.frame.security import cookie_name
from tests.web.browsing import ADMIN, PASSWORD
from tests.web.filled_form import press
from tests.web.person import Person


def main(arguments: list[str]) -> None:
    """Look at a page, or press a button of a form on it."""
    page, *pressed = arguments
    settings = Settings.from_environment(os.environ)
    store = open_store(settings.database_url)
    if store.users.is_empty():
        store.users.create(ADMIN, PASSWORD)
    user = store.users.verify(ADMIN, PASSWORD)
    assert user
    client = create_app(settings, store).test_client()
    client.set_cookie(cookie_name(settings, "session"), store.sessions.open(user, "127.0.0.1"))
    person = Person(client)
    if not pressed:
        sys.stdout.write(person.get(page).text)
        return
    form, button = pressed
    sys.stdout.write(person.follow(press(person, page, button, form=form)).text)
