"""Whatever the API's own description allows, and whatever it does not, gets a described answer and no 5xx."""

from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi import checks

from app.settings import Settings
from app.store import Scope, Store
from app.web.api.endpoint import ApiEndpoint
from app.web.api.endpoints import ENDPOINTS
from tests.web.clusters import WEB, Ids, save_cluster
from tests.web.program import DAY
from tests.web.pulse_double import PulseDouble

load_all_checks()

EVERY = [pytest.param(endpoint, id=f"{endpoint.method} {endpoint.path}") for endpoint in ENDPOINTS]
MODES = pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: f"{mode.value} data")
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
# Without shrinking: what was answered wrongly is printed whole, and the time is CI's.
BOUNDED = hypothesis.settings(
    max_examples=12,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def tokens(store: Store) -> list[str]:
    """The tokens requests are sent with; that of the widest scope twice as often."""
    scopes = (Scope.ADMIN, Scope.ADMIN, Scope.OPERATE, Scope.READ)
    return [store.api_tokens.make(f"token {number}", scope, DAY, "anna") for number, scope in enumerate(scopes)]


@MODES
@pytest.mark.parametrize("endpoint", EVERY)
def test_every_answer_is_a_described_one(
    app: Flask,
    settings: Settings,
    store: Store,
    tokens: list[str],
    pulse: PulseDouble,
    endpoint: ApiEndpoint,
    mode: GenerationMode,
) -> None:
    described = schemathesis.openapi.from_wsgi(
        "/api/openapi.json", app, headers={"Authorization": f"Bearer {tokens[0]}"}
    )
    operation = described[endpoint.path][endpoint.method]

    @BOUNDED
    @hypothesis.given(
        case=operation.as_strategy(generation_mode=mode), token=st.sampled_from(tokens), is_there=st.booleans()
    )
    def ask(case: schemathesis.Case[Any], token: str, is_there: bool) -> None:
        ids = cluster(settings, store)
        if is_there and case.path_parameters:
            # Real ids, which nobody guesses.
            case.path_parameters |= {"virtual_id": ids.web, "server_id": ids.rs1}
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(answer, checks=CHECKS)

    ask()


def cluster(settings: Settings, store: Store) -> Ids:
    """Return the ids of a cluster that is whole, whatever the last request did to it."""
    snapshot = store.snapshot()
    if not snapshot.virtual or snapshot.virtual[0].virtual != WEB:
        return save_cluster(settings, store)
    web, mail = snapshot.virtual[:2]
    return Ids(web.id, web.servers[0].id, web.servers[1].id, mail.id)
