"""The API lets in who shows a token of the right scope, and nobody else."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.settings import Settings
from app.store import Origin, Scope, Store
from app.web.api.endpoint import ApiEndpoint
from app.web.api.endpoints import ENDPOINTS
from app.web.api.http.token_auth import GUESSED
from app.web.api.openapi import ID
from tests.web.clusters import save_cluster
from tests.web.person import Person
from tests.web.program import Program, program

EVERY = [pytest.param(endpoint, id=f"{endpoint.method} {endpoint.path}") for endpoint in ENDPOINTS]
WHERE = ["/api/config", "/api/status", "/api/openapi.json", "/metrics"]


def address_of(path: str) -> str:
    return ID.sub("1", path)


@pytest.mark.parametrize("address", WHERE)
def test_without_a_token_nobody_is_let_in(anybody: Person, address: str) -> None:
    answer = anybody.get(address)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="palometa"'
    assert answer.json
    assert set(answer.json) == {"error", "advice"}


@pytest.mark.parametrize("address", WHERE)
def test_the_cookie_of_a_sign_in_is_not_looked_at(admin: Person, address: str) -> None:
    assert admin.get("/control").status_code == 200
    assert admin.get(address).status_code == 401


def test_a_form_of_another_site_changes_nothing(client: FlaskClient, settings: Settings, store: Store) -> None:
    ids = save_cluster(settings, store)
    answer = client.post(
        f"/api/virtual/{ids.web}/deactivate", data={"x": "1"}, headers={"Origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 401
    assert store.snapshot().config.virtual[0].active


@pytest.mark.parametrize(
    "word", ["", "Bearer", "Bearer ", "Basic eA==", "Token x", "Bearer x y", "Bearer \x7f", "Bearer é"]
)
def test_what_is_no_known_token_is_refused(app: Flask, word: str) -> None:
    answer = app.test_client().get("/api/config", headers={"Authorization": word})
    assert answer.status_code == 401


def test_the_scheme_is_taken_in_any_case(app: Flask, store: Store) -> None:
    token = store.api_tokens.make("x", Scope.READ, None, "anna")
    assert app.test_client().get("/api/config", headers={"Authorization": f"bEARER {token}"}).status_code == 200


def test_a_token_in_the_address_is_not_looked_at(app: Flask, store: Store) -> None:
    token = store.api_tokens.make("x", Scope.READ, None, "anna")
    assert app.test_client().get(f"/api/config?token={token}&access_token={token}").status_code == 401


def test_an_expired_token_is_told_so(app: Flask, store: Store) -> None:
    late = Program(app, store.api_tokens.make("late", Scope.READ, timedelta(seconds=-1), "anna"))
    answer = late.get("/api/config")
    assert answer.status_code == 401
    assert "expired on" in answer.json["error"]  # type: ignore[index]
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_revoked_token_is_good_for_nothing(app: Flask, store: Store) -> None:
    deploy = program(app, store, Scope.ADMIN)
    assert deploy.get("/api/config").status_code == 200
    store.api_tokens.revoke(store.api_tokens.all()[0].id)
    assert deploy.get("/api/config").status_code == 401


def test_wrong_tokens_are_slowed_down_and_right_ones_are_not(app: Flask, store: Store) -> None:
    deploy, guesser = program(app, store, Scope.READ), Program(app, "guess")
    answers = [guesser.get("/api/config") for _ in range(8)]
    assert answers[0].status_code == 401
    slowed = [answer for answer in answers if answer.status_code == 429]
    assert slowed
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in slowed)
    assert deploy.get("/api/config").status_code == 200


def test_wrong_tokens_are_not_counted_where_wrong_passwords_are(app: Flask, store: Store) -> None:
    guesser = Program(app, "guess")
    for _ in range(4):
        guesser.get("/api/config")
    with store.database.reading() as connection:
        places = set(connection.exec_driver_sql("SELECT remote FROM login_attempts").scalars())
    assert places == {"api 127.0.0.1"}
    assert store.attempts.wait_s(GUESSED, Origin("127.0.0.1")) == 0


def test_the_last_use_is_noted(app: Flask, store: Store) -> None:
    program(app, store, Scope.READ).get("/api/config")
    (token,) = store.api_tokens.all()
    assert token.used_at is not None
    assert token.used_from == "127.0.0.1"


@pytest.mark.parametrize("endpoint", EVERY)
def test_a_lesser_scope_is_refused_before_anything_is_read(
    app: Flask, store: Store, endpoint: ApiEndpoint
) -> None:
    for scope in Scope:
        client = program(app, store, scope, str(scope))
        answer = client.send(endpoint.method, address_of(endpoint.path))
        if scope.covers(endpoint.scope):
            assert answer.status_code not in (401, 403)
        else:
            assert answer.status_code == 403
            assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_reading_needs_read_acting_operate_and_changing_admin() -> None:
    for endpoint in ENDPOINTS:
        is_action = endpoint.method == "POST" and not endpoint.path.endswith(("/virtual", "/real", "/adopt"))
        wanted = Scope.READ if endpoint.method == "GET" else Scope.OPERATE if is_action else Scope.ADMIN
        assert endpoint.scope is wanted, endpoint.path


def test_an_unknown_address_is_not_found_in_json(app: Flask, store: Store) -> None:
    answer = program(app, store, Scope.ADMIN).get("/api/nowhere")
    assert answer.status_code == 404
    assert answer.json
    assert "/api/openapi.json" in answer.json["advice"]


def test_another_method_is_refused_in_json_with_those_there_are(app: Flask, store: Store) -> None:
    answer = program(app, store, Scope.ADMIN).send("DELETE", "/api/config")
    assert answer.status_code == 405
    assert {"GET", "PUT"} <= set(answer.headers["Allow"].split(", "))
    assert answer.json


def test_no_cookie_is_given_to_a_program(app: Flask, store: Store) -> None:
    assert "Set-Cookie" not in program(app, store, Scope.ADMIN).get("/api/config").headers
