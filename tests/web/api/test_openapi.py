"""The description of the API: valid, and each endpoint answers as it says."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.settings import Settings
from app.store import Scope, Store
from app.web.api.endpoint import ApiEndpoint
from app.web.api.endpoints import ENDPOINTS
from tests.web.api.bodies import BODIES, Document
from tests.web.clusters import Ids, save_cluster
from tests.web.program import Program, program
from tests.web.pulse_double import PulseDouble

EVERY = [pytest.param(endpoint, id=f"{endpoint.method} {endpoint.path}") for endpoint in ENDPOINTS]


@pytest.fixture
def boss(app: Flask, store: Store) -> Program:
    return program(app, store, Scope.ADMIN, "boss")


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.fixture
def document(boss: Program) -> Document:
    described: Document = boss.get("/api/openapi.json").get_json()
    return described


def test_the_document_is_valid_openapi(document: Document) -> None:
    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_it_has_every_route_and_no_other(app: Flask, document: Document) -> None:
    routes = {
        (method, rule.rule.replace("<id:", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD"}
    }
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert described == routes
    assert len(described) == len(ENDPOINTS)


def test_every_endpoint_says_what_it_does(document: Document) -> None:
    for item in document["paths"].values():
        for operation in item.values():
            assert operation["summary"].endswith(".")
            assert operation["description"].startswith("Scope: ")


def test_every_schema_that_is_named_is_there_and_is_used(document: Document) -> None:
    text = str(document)
    for name in document["components"]["schemas"]:
        assert f"'#/components/schemas/{name}'" in text, name


@pytest.mark.parametrize("endpoint", EVERY)
def test_each_endpoint_answers_as_it_is_described(
    boss: Program, ids: Ids, pulse: PulseDouble, document: Document, endpoint: ApiEndpoint
) -> None:
    address = endpoint.path.format(virtual_id=ids.web, server_id=ids.rs1)
    body = BODIES[endpoint.takes] if endpoint.takes else None
    answer = boss.change(endpoint.method, address, body)
    assert answer.status_code == endpoint.code, answer.text
    assert answer.mimetype == endpoint.content_type
    assert ("ETag" in answer.headers) == endpoint.has_tag
    if endpoint.gives is not None:
        validate(document, endpoint.gives, answer.get_json())
    if endpoint.takes is not None:
        validate(document, endpoint.takes, body)


@pytest.mark.parametrize("endpoint", EVERY)
def test_each_endpoint_refuses_as_it_is_described(
    boss: Program, app: Flask, store: Store, settings: Settings, document: Document, endpoint: ApiEndpoint
) -> None:
    described = document["paths"][endpoint.path][endpoint.method.lower()]["responses"]
    save_cluster(settings, store)
    gone = endpoint.path.format(virtual_id=4711, server_id=4711)
    answers = [
        Program(app, None).send(endpoint.method, gone),
        boss.send(endpoint.method, gone),
        boss.change(endpoint.method, gone),
        boss.change(endpoint.method, gone, seen='"4711"'),
        boss.change(endpoint.method, gone, []),
        boss.change(endpoint.method, gone, {"nonsense": 1}),
        boss.change(endpoint.method, gone, BODIES.get(endpoint.takes or "")),
        boss.change(endpoint.method, f"{gone}?limit=x&since=x&before=x&servers=x"),
    ]
    for answer in answers:
        assert str(answer.status_code) in described, answer.text
        assert answer.status_code < 500 or answer.status_code == 503
        if answer.status_code >= 400:
            validate(document, "Error", answer.get_json())


def validate(document: Document, name: str, found: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    errors = [f"{error.json_path}: {error.message}" for error in OAS31Validator(schema).iter_errors(found)]
    assert errors == []


def test_the_manual_names_every_address() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
    for endpoint in ENDPOINTS:
        _, is_of_one, action = endpoint.path.rpartition("_id}")
        assert (action or "/ID") in manual if is_of_one else endpoint.path in manual, endpoint.path
