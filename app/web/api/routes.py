"""The addresses of the API, made from the table of endpoints."""

from flask import Blueprint, Flask, request
from werkzeug.routing import IntegerConverter

from app.web.api.endpoints import ENDPOINTS
from app.web.api.http.token_auth import let_in
from app.web.api.openapi import ID, OPENAPI, openapi


class IdConverter(IntegerConverter):
    """An id: at most nine digits, of ASCII. A bound checked later would make of a wrong id a wrong method."""

    regex = r"[0-9]{1,9}"


blueprint = Blueprint("api", __name__)

_SCOPES = {f"{blueprint.name}.{endpoint.name}": endpoint.scope for endpoint in ENDPOINTS}

for _endpoint in ENDPOINTS:
    blueprint.add_url_rule(
        ID.sub(r"<id:\1>", _endpoint.path),
        _endpoint.name,
        _endpoint.view,
        methods=[_endpoint.method],
        provide_automatic_options=False,
    )


def install(app: Flask) -> None:
    """Make the description, once, as it is the same for everybody, and the ids known; before the routes are."""
    app.url_map.converters["id"] = IdConverter
    app.extensions[OPENAPI] = openapi(ENDPOINTS)


def let_token_in() -> None:
    """Let the request on to the API if its token has the scope that endpoint needs."""
    let_in(_SCOPES[request.endpoint or ""])
