"""Whatever goes wrong has a page of ours that says what to do."""

import logging
import re
from typing import NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import default_exceptions

from app.store import StoreBusy, StoreFailed, TooManyLogins
from app.web.frame.errors import PAGES
from tests.web.person import Person

CODES = sorted(default_exceptions)


def fail_with(app: Flask, error: Exception) -> None:
    """Make /fails raise `error`."""

    def fails() -> NoReturn:
        raise error

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/fails", "fails", fails)


@pytest.mark.parametrize("code", CODES)
def test_every_http_error_has_a_page_with_a_heading_and_an_advice(
    app: Flask, client: FlaskClient, code: int
) -> None:
    fail_with(app, default_exceptions[code]())
    answer = client.get("/fails")
    assert answer.status_code == code
    assert "CONFIGURATION TOOL" in answer.text
    assert answer.text.count("<h1>") == 1
    assert f"HTTP {code}" in answer.text


def test_the_errors_people_meet_each_say_what_to_do() -> None:
    assert {400, 401, 403, 404, 405, 413, 429, 500, 503} <= set(PAGES)
    assert all(page.found.endswith(".") and page.advice.endswith(".") for page in PAGES.values())


def test_an_error_inside_shows_an_id_that_the_log_has_too(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    fail_with(app, RuntimeError("canary"))
    with caplog.at_level(logging.ERROR):
        answer = client.get("/fails")
    assert answer.status_code == 500
    found = re.search(r"Error id <code>([0-9a-f]{8})</code>", answer.text)
    assert found
    assert f"error id {found[1]}: GET /fails" in caplog.text
    assert "canary" in caplog.text
    assert "canary" not in answer.text


FORGED = "x\n[2026-11-29 21:00:00 +0000] [1] [WARNING] pulse was stopped\x1b[2J" + "y" * 3000


@pytest.mark.parametrize("error", [RuntimeError(FORGED), StoreFailed(FORGED)])
def test_an_error_is_logged_once_on_a_line_that_no_address_and_no_message_can_end(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def fails(_rest: str) -> NoReturn:
        raise error

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/fails/<_rest>", "fails", fails)
    with caplog.at_level(logging.ERROR):
        assert client.get(f"/fails/{FORGED}").status_code >= 500
    (message,) = caplog.messages
    assert message.isprintable()
    assert len(message) < 1000


@pytest.mark.parametrize("error", [StoreBusy("The database is busy."), StoreFailed("The disk is full.")])
def test_trouble_of_the_database_is_told_in_its_own_words(
    app: Flask, client: FlaskClient, error: Exception
) -> None:
    fail_with(app, error)
    answer = client.get("/fails")
    assert answer.status_code == 503
    assert str(error) in answer.text


def test_a_database_that_fails_while_a_session_is_looked_up_has_a_page_too(
    app: Flask, client: FlaskClient, tmp_path: object, store: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> NoReturn:
        raise StoreFailed("The database is damaged.")

    monkeypatch.setattr("app.store.access.sessions.Sessions.user_of", broken)
    answer = client.get("/control")
    assert answer.status_code == 503
    assert "The database is damaged." in answer.text


def test_too_many_sign_ins_at_once_are_asked_to_come_back(app: Flask, client: FlaskClient) -> None:
    fail_with(app, TooManyLogins("Too many."))
    answer = client.get("/fails")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_a_missing_page_keeps_the_tabs_for_who_is_signed_in(admin: Person, anybody: Person) -> None:
    assert "VIRTUAL SERVERS" in admin.get("/nowhere").text
    assert "VIRTUAL SERVERS" not in anybody.get("/nowhere").text


def test_a_wrong_method_says_which_are_right(admin: Person) -> None:
    answer = admin.get("/logout")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_an_expired_form_is_told_from_a_bad_request(admin: Person) -> None:
    answer = admin.client.post("/logout", data={"csrf_token": "x"})
    assert answer.status_code == 400
    assert "This form is no longer valid" in answer.text


def test_the_api_answers_errors_in_json(anybody: Person) -> None:
    answer = anybody.get("/api/config")
    assert answer.status_code == 401
    assert answer.json
    assert answer.json["error"]
