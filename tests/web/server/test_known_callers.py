"""Whom a process of the pages remembers as known."""

import pytest

from app.web.server import known_callers
from app.web.server.known_callers import KnownCallers


def test_a_session_is_known_by_its_cookie_and_a_token_by_its_header() -> None:
    callers = KnownCallers("session")
    session = callers.shown_in([("HOST", "localhost"), ("COOKIE", "look=dark; session=one; other=x")])
    token = callers.shown_in([("AUTHORIZATION", "Bearer one")])
    assert len({session, token, b""}) == 3
    callers.note(session, True)
    assert callers.knows(callers.shown_in([("COOKIE", "session=one")]))
    assert not callers.knows(callers.shown_in([("COOKIE", "session=two")]))
    assert not callers.knows(token)


def test_cookies_may_hold_any_bytes() -> None:
    callers = KnownCallers("session")
    session = callers.shown_in([("COOKIE", "session=one")])
    assert callers.shown_in([("COOKIE", "a=\xbf\xff; =; ;;session=one; \udcff")]) == session
    assert callers.shown_in([("COOKIE", "session=\xbf")]) not in (session, b"")


def test_who_was_not_let_in_any_more_is_forgotten() -> None:
    callers = KnownCallers("session")
    shown = callers.shown_in([("COOKIE", "session=one")])
    callers.note(shown, True)
    callers.note(shown, False)
    assert not callers.knows(shown)


def test_who_shows_nothing_is_never_known() -> None:
    callers = KnownCallers("session")
    assert callers.shown_in([("HOST", "localhost"), ("COOKIE", "session=; look=dark")]) == b""
    callers.note(b"", True)
    assert not callers.knows(b"")


def test_who_has_not_asked_for_the_longest_time_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_callers, "KNOWN_MAX", 2)
    callers = KnownCallers("session")
    for shown in (b"1", b"2", b"1", b"3"):
        callers.note(shown, True)
    assert [callers.knows(shown) for shown in (b"1", b"2", b"3")] == [True, False, True]
