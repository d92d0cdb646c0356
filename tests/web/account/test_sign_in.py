"""Signing in and out, the first password, another password."""

import random
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.settings import Settings
from app.store import Origin, Store, Throttled, open_store
from app.store.access.passwords import Lane
from app.web.factory import create_app
from tests.waiting import until
from tests.web.browsing import ADMIN, PASSWORD
from tests.web.installation import QUICK_HASHER
from tests.web.person import Person

NEW = "a wholly different phrase"


def sign_in(person: Person, name: str = ADMIN, password: str = PASSWORD, address: str = "/login") -> TestResponse:
    return person.send(address, {"name": name, "password": password})


def test_name_and_password_let_in(anybody: Person) -> None:
    answer = anybody.send("/login", {"name": ADMIN, "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    assert anybody.get("/control").status_code == 200


def test_after_the_sign_in_comes_the_page_that_was_asked_for(anybody: Person) -> None:
    asked = anybody.get("/virtual/3?selected=1")
    answer = anybody.send(asked.location, {"name": ADMIN, "password": PASSWORD})
    assert answer.location == "/virtual/3?selected=1"


def test_the_page_asked_for_cannot_be_of_another_site(anybody: Person) -> None:
    answer = anybody.send("/login?next=//evil.example/", {"name": ADMIN, "password": PASSWORD})
    assert answer.location == "/"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(anybody: Person) -> None:
    pages = []
    for name in (ADMIN, "nobody"):
        answer = anybody.send("/login", {"name": name, "password": "something else"})
        assert answer.status_code == 401
        assert "The name or the password is wrong." in answer.text
        pages.append(answer.text.replace(name, "NAME").split("<main")[1].split("csrf_token")[0])
    assert pages[0] == pages[1]
    assert anybody.get("/control").status_code == 303


def test_too_many_attempts_are_told_how_long_to_wait(app: Flask, anybody: Person, store: Store) -> None:
    for _ in range(3):
        store.attempts.begin(ADMIN, Origin("127.0.0.1"))
    answer = anybody.send("/login", {"name": ADMIN, "password": PASSWORD})
    assert answer.status_code == 429
    assert "There were too many wrong attempts. Wait " in answer.text
    assert int(answer.headers["Retry-After"]) >= 1
    assert anybody.get("/control").status_code == 303


def test_a_wrong_password_counts(anybody: Person, store: Store) -> None:
    anybody.send("/login", {"name": ADMIN, "password": "something else"})
    anybody.send("/login", {"name": ADMIN, "password": "something else"})
    assert anybody.send("/login", {"name": ADMIN, "password": PASSWORD}).status_code == 429


def test_the_token_is_a_new_one_after_each_sign_in_and_the_old_one_is_closed(
    anybody: Person, store: Store
) -> None:
    sign_in(anybody)
    before = anybody.client.get_cookie("palometa-session")
    assert before
    anybody.client.delete_cookie("palometa-session")
    anybody.token_on("/login")
    anybody.client.set_cookie("palometa-session", before.value)
    anybody.send("/logout", on="/control")
    assert store.sessions.user_of(before.value) is None
    sign_in(anybody)
    after = anybody.client.get_cookie("palometa-session")
    assert after
    assert after.value != before.value


def cookies(answer: TestResponse, beginning: str) -> list[str]:
    return [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(beginning)]


def test_the_cookie_of_the_device_lasts_and_is_kept_from_scripts_and_other_sites(
    anybody: Person, store: Store
) -> None:
    (cookie,) = cookies(sign_in(anybody), "palometa-device-")
    assert {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"} <= set(cookie.split("; "))
    word = cookie.partition("=")[2].partition(";")[0]
    with store.database.reading() as connection:
        assert word not in str(connection.exec_driver_sql("SELECT * FROM login_attempts").all())


def test_no_failed_sign_in_gets_a_device_cookie(anybody: Person) -> None:
    assert not cookies(sign_in(anybody, password="something else"), "palometa-device-")


def keep_out(store: Store, at: str) -> None:
    """Try wrong passwords of the administrator and wrong names from `at` until nothing more is let through."""
    with suppress(Throttled):
        while True:
            store.attempts.begin(ADMIN, Origin(at))
    for number in range(10):
        with suppress(Throttled):
            store.attempts.begin(f"made-up-{number}", Origin(at))


@pytest.mark.parametrize("way_out", ["logged out", "closed the window"])
def test_strangers_at_the_same_place_do_not_keep_out_who_has_signed_in_before(
    app: Flask, anybody: Person, store: Store, way_out: str
) -> None:
    sign_in(anybody)
    if way_out == "logged out":
        anybody.send("/logout", on="/control")
    else:
        for cookie in ("palometa-session", "palometa-form"):
            anybody.client.delete_cookie(cookie)
    keep_out(store, "127.0.0.1")
    assert sign_in(Person(app.test_client())).status_code == 429
    assert sign_in(anybody).status_code == 303


def test_who_has_set_the_first_password_is_known_from_then_on(first_comer: Person, empty_store: Store) -> None:
    address = f"/setup/{empty_store.setup.issue()}"
    answer = first_comer.send(address, {"name": ADMIN, "password": NEW, "again": NEW})
    assert len(cookies(answer, "palometa-device-")) == 1
    first_comer.send("/logout", on="/control")
    keep_out(empty_store, "127.0.0.1")
    assert sign_in(first_comer, password=NEW).status_code == 303


def test_two_who_share_a_browser_are_both_known(anybody: Person, store: Store) -> None:
    store.users.create("anna", NEW)
    for name, password in ((ADMIN, PASSWORD), ("anna", NEW)):
        sign_in(anybody, name, password)
        anybody.send("/logout", on="/control")
    keep_out(store, "127.0.0.1")
    assert sign_in(anybody).status_code == 303


def test_strangers_do_not_keep_who_is_signed_in_from_changing_the_password(admin: Person, store: Store) -> None:
    keep_out(store, "127.0.0.1")
    answer = admin.send("/password", {"old": PASSWORD, "password": NEW, "again": NEW})
    assert answer.status_code == 303


def test_a_new_browser_gets_in_between_the_tries_of_one_that_goes_on(
    app: Flask, settings: Settings, store: Store
) -> None:
    """A stranger at the same place tries every three seconds, and after a minute the owner every seven."""
    at = [2_000_000_000.0]
    ours = open_store(settings.database_url, now=lambda: at[0], hasher=QUICK_HASHER)
    try:
        app = create_app(settings, ours)
        stranger, owner = Person(app.test_client()), Person(app.test_client())
        for second in range(240):
            if second % 3 == 0:
                sign_in(stranger, password="something else")
            if second > 60 and second % 7 == 5 and sign_in(owner).status_code == 303:
                break
            at[0] += 1
        assert second < 200
    finally:
        ours.close()


def test_a_name_of_combining_marks_is_refused_at_once(anybody: Person, store: Store) -> None:
    marks = "a" + "\u0301" * 7000 + "\u0316" * 7000
    begun = time.process_time()
    assert sign_in(anybody, name=marks).status_code == 413
    token = anybody.token_on("/login")
    fields = {"csrf_token": token, "name": marks[:7000] + marks[-7000:], "password": "x"}
    assert anybody.client.post("/login", data=fields, content_type="multipart/form-data").status_code == 401
    # Sorted by combining class, fourteen thousand take seconds and half a million minutes.
    assert time.process_time() - begun < 2
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM login_attempts").scalar_one() == 0


@pytest.mark.parametrize("address", ["/login", "/setup/x"])
def test_who_is_not_signed_in_sends_a_few_kilobytes_only(anybody: Person, address: str) -> None:
    token = anybody.token_on("/login")
    answer = anybody.client.post(address, data={"csrf_token": token, "name": "x" * 64 * 1024})
    assert answer.status_code == 413
    assert "32 KiB" in answer.text


def test_the_longest_password_of_any_script_is_not_too_large(first_comer: Person, empty_store: Store) -> None:
    password = "".join(random.Random(1).choices([chr(0x1F600 + number) for number in range(60)], k=1024))
    address = f"/setup/{empty_store.setup.issue()}"
    assert first_comer.send(address, {"name": "anna", "password": password, "again": password}).status_code == 303


def test_while_others_are_judged_it_is_said_when_to_come_again(app: Flask, anybody: Person, store: Store) -> None:
    with ExitStack() as held:
        lanes = [threading.Event() for _ in range(2)]
        for left in lanes:
            held.callback(left.set)
        threads = [threading.Thread(target=hold_turn, args=(store, left)) for left in lanes]
        for thread in threads:
            thread.start()
        answer = until(lambda: busy(Person(app.test_client())))
        assert answer
        assert int(answer.headers["Retry-After"]) >= 1
        assert "Too many passwords are being checked" in answer.text
        assert anybody.get("/login").status_code == 200
    for thread in threads:
        thread.join()


def hold_turn(store: Store, left: threading.Event) -> None:
    with store.hashes.turn(Lane.STRANGERS, "127.0.0.1"):
        left.wait()


def busy(person: Person) -> TestResponse | None:
    token = person.token_on("/login")
    answers: list[TestResponse] = []
    fields = {"csrf_token": token, "name": "nobody", "password": "x"}
    thread = threading.Thread(
        target=lambda: answers.append(person.client.post("/login", data=fields)), daemon=True
    )
    thread.start()
    thread.join(1)
    return answers[0] if answers and answers[0].status_code == 503 else None


def test_the_cookie_of_the_sign_in_is_kept_from_scripts_and_other_sites(anybody: Person) -> None:
    answer = anybody.send("/login", {"name": ADMIN, "password": PASSWORD})
    (cookie,) = (line for line in answer.headers.getlist("Set-Cookie") if line.startswith("palometa-session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie
    assert "Max-Age" not in cookie


def test_who_is_signed_in_needs_no_login_page(admin: Person) -> None:
    assert admin.get("/login?next=/virtual").location == "/virtual"


def test_a_log_out_closes_the_session_itself(admin: Person, session_token: str, store: Store) -> None:
    answer = admin.send("/logout", on="/control")
    assert "You are signed out." in admin.follow(answer).text
    assert store.sessions.user_of(session_token) is None
    assert admin.get("/control").status_code == 303


def test_a_log_out_takes_a_form_and_no_link(admin: Person) -> None:
    assert admin.get("/logout").status_code == 405
    assert admin.get("/control").status_code == 200


def test_the_login_page_tells_of_the_set_up_link_while_there_is_no_password(
    first_comer: Person,
) -> None:
    assert "No password is set yet." in first_comer.get("/login").text


def test_the_login_page_says_nothing_of_it_later(anybody: Person) -> None:
    assert "No password is set yet." not in anybody.get("/login").text


def test_the_set_up_link_makes_the_first_user_and_lets_them_in(first_comer: Person, empty_store: Store) -> None:
    address = f"/setup/{empty_store.setup.issue()}"
    page = first_comer.get(address).text
    assert 'value="admin"' in page
    assert "12 to 1024 characters" in page
    answer = first_comer.send(address, {"name": "anna", "password": NEW, "again": NEW})
    assert "The password of anna was set" in first_comer.follow(answer).text
    assert empty_store.users.verify("anna", NEW)


def test_the_set_up_link_works_once(first_comer: Person, empty_store: Store) -> None:
    address = f"/setup/{empty_store.setup.issue()}"
    first_comer.send(address, {"name": "anna", "password": NEW, "again": NEW})
    answer = first_comer.get(address)
    assert answer.status_code == 410
    assert "a password has already been set" in answer.text


def test_a_wrong_or_old_set_up_link_says_how_to_get_a_new_one(first_comer: Person, empty_store: Store) -> None:
    old = empty_store.setup.issue()
    empty_store.setup.issue()
    for token in ("x", old):
        answer = first_comer.get(f"/setup/{token}")
        assert answer.status_code == 410
        assert "restart <code>palometa web</code>" in answer.text
        assert "palometa passwd" in answer.text


def test_a_set_up_link_grown_old_is_refused(settings: Settings, empty_database: Path) -> None:
    at = [1000.0]
    path = settings.state_directory / "palometa.db"
    path.write_bytes(empty_database.read_bytes())
    store = open_store(f"sqlite:///{path}", now=lambda: at[0])
    try:
        person = Person(create_app(settings, store).test_client())
        address = f"/setup/{store.setup.issue()}"
        token = person.token_on(address)
        at[0] += 3601
        data = {"csrf_token": token, "name": "anna", "password": NEW, "again": NEW}
        assert person.client.post(address, data=data).status_code == 410
        assert store.users.is_empty()
    finally:
        store.close()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"password": NEW, "again": "another"}, "do not match"),
        ({"password": "short", "again": "short"}, "5 characters"),
        ({"password": "", "again": ""}, "0 characters"),
        ({"name": "", "password": NEW, "again": NEW}, "user name has 0 characters"),
        ({"name": "a\tb", "password": NEW, "again": NEW}, "control characters"),
    ],
)
def test_a_first_password_that_will_not_do_is_told_beside_its_field(
    first_comer: Person, empty_store: Store, fields: dict[str, str], message: str
) -> None:
    address = f"/setup/{empty_store.setup.issue()}"
    answer = first_comer.send(address, {"name": "anna", **fields})
    assert answer.status_code == 422
    assert message in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert empty_store.users.is_empty()


def test_a_changed_password_signs_out_everybody_else(app: Flask, admin: Person, store: Store) -> None:
    other = Person(app.test_client())
    sign_in(other)
    before = admin.client.get_cookie("palometa-session")
    answer = admin.send("/password", {"old": PASSWORD, "password": NEW, "again": NEW})
    assert "Your password was changed." in admin.follow(answer).text
    after = admin.client.get_cookie("palometa-session")
    assert before
    assert after
    assert after.value != before.value
    assert store.sessions.user_of(before.value) is None
    assert other.get("/control").status_code == 303
    assert store.users.verify(ADMIN, NEW)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"old": "something else", "password": NEW, "again": NEW}, "This is not your password."),
        ({"old": PASSWORD, "password": NEW, "again": "another"}, "do not match"),
        ({"old": PASSWORD, "password": "short", "again": "short"}, "5 characters"),
    ],
)
def test_a_change_that_will_not_do_changes_nothing(
    admin: Person, store: Store, fields: dict[str, str], message: str
) -> None:
    answer = admin.send("/password", fields)
    assert answer.status_code == 422
    assert message in answer.text
    assert store.users.verify(ADMIN, PASSWORD)


def test_no_password_is_sent_back_to_the_browser(admin: Person, anybody: Person) -> None:
    answer = admin.send("/password", {"old": PASSWORD, "password": "short-canary", "again": "other-canary"})
    assert "canary" not in answer.text
    answer = anybody.send("/login", {"name": ADMIN, "password": "canary"})
    assert "canary" not in answer.text


def test_wrong_old_passwords_are_throttled_too(admin: Person, store: Store) -> None:
    assert admin.send("/password", {"old": "something else"}).status_code == 422
    answer = admin.send("/password", {"old": PASSWORD, "password": NEW, "again": NEW})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) == 1
    assert store.users.verify(ADMIN, PASSWORD)
