"""The OpenAPI 3.1 document, made from the table of endpoints, the keys of lvs.cf and the types of the answers."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from flask import current_app, jsonify
from werkzeug.wrappers import Response

from app import __version__
from app.web.api.endpoint import ApiEndpoint, Parameter
from app.web.api.http.secrets import HEADER
from app.web.api.schemas import schemas

ALWAYS = (401, 403, 429, 500, 503)
ID = re.compile(r"\{(\w+)\}")
ID_MAX = 999_999_999

ABOUT = f"""The configuration and the state of a director, for programs.

Every request sends a token: `Authorization: Bearer TOKEN`. Tokens are created on the page API TOKENS. The scope of
a token is read, operate (read, and the actions of an operator) or admin (everything). Passwords and secrets of
checks are returned for the scope admin only; otherwise they are left out, or masked by dots within a longer text,
and the header {HEADER} lists the keys.

The ETag is the serial of the configuration. A change sends it back as If-Match and is refused (412) if the object
has changed since then; changes of other objects do not conflict. Actions of an operator need no If-Match."""


def openapi(endpoints: Iterable[ApiEndpoint]) -> dict[str, Any]:
    """Return the document."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        item = paths.setdefault(endpoint.path, {})
        item[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Palometa", "version": __version__, "description": ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(endpoint: ApiEndpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": f"Scope: {endpoint.scope}.",
        "parameters": [*_ids(endpoint), *map(_parameter, endpoint.parameters), *_seen(endpoint)],
        "responses": _responses(endpoint),
    }
    if endpoint.takes is not None:
        content: dict[str, Any] = {"application/json": {"schema": _reference(endpoint.takes)}}
        if endpoint.method == "PATCH":
            content["application/merge-patch+json"] = {"schema": _reference(endpoint.takes)}
        operation["requestBody"] = {"required": not endpoint.is_optional, "content": content}
    return operation


def _responses(endpoint: ApiEndpoint) -> dict[str, Any]:
    schema = {"type": "string"} if endpoint.gives is None else _reference(endpoint.gives)
    done: dict[str, Any] = {
        "description": HTTPStatus(endpoint.code).phrase,
        "content": {endpoint.content_type: {"schema": schema}},
    }
    if endpoint.has_tag:
        done["headers"] = {"ETag": {"description": "The serial.", "schema": {"type": "string"}}}
    responses: dict[str, Any] = {str(endpoint.code): done}
    if endpoint.code != 200:
        # A change that makes no difference makes nothing new either.
        responses["200"] = done | {"description": HTTPStatus.OK.phrase}
    if endpoint.method == "GET" and endpoint.has_tag:
        responses["304"] = {"description": "If-None-Match has this serial."}
    for code in sorted({*ALWAYS, *endpoint.refuses}):
        responses[str(code)] = {
            "description": HTTPStatus(code).phrase,
            "content": {"application/json": {"schema": _reference("Error")}},
        }
    return responses


def _ids(endpoint: ApiEndpoint) -> list[dict[str, Any]]:
    schema = {"type": "integer", "minimum": 0, "maximum": ID_MAX}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in ID.findall(endpoint.path)]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.about,
        "schema": parameter.schema,
    }


def _seen(endpoint: ApiEndpoint) -> list[dict[str, Any]]:
    if not endpoint.wants_seen:
        return []
    about = 'The ETag of the object that was read, such as "42"; * matches any.'
    return [
        {"name": "If-Match", "in": "header", "required": True, "description": about, "schema": {"type": "string"}}
    ]


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


OPENAPI = "palometa-openapi"


def get_openapi() -> Response:
    """Return this description."""
    return jsonify(current_app.extensions[OPENAPI])
