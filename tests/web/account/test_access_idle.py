"""A page that is left open signs nobody in for ever: what it fetches by itself is no use of it."""

import html
import re

import pytest

from app.store import Store
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

SOURCE = re.compile(r'data-source="([^"]+)"')


@pytest.mark.parametrize("page", ["/control", "/graphs", "/graphs?range=1d", "/events", "/events?kind=down"])
def test_what_a_page_fetches_by_itself_keeps_no_sign_in_open(
    admin: Person, pulse: PulseDouble, store: Store, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    used = []
    look_up = store.sessions.user_of

    def note(token: str, *, is_use: bool = True) -> object:
        used.append(is_use)
        return look_up(token, is_use=is_use)

    monkeypatch.setattr(store.sessions, "user_of", note)
    source = SOURCE.search(admin.get(page).text)
    assert source
    assert admin.get(html.unescape(source[1])).status_code == 200
    assert used == [True, False]
