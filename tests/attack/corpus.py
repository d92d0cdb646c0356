"""The requests that are let through, for every address: what is spoilt in an attack."""

import re
from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient

from app.web.api.endpoints import ENDPOINTS
from tests.attack.access_table import filled_in, methods_of
from tests.attack.hostile import Attempt
from tests.web.api.bodies import BODIES
from tests.web.clusters import Ids
from tests.web.filled_form import FilledForm

FORM_ID = re.compile(r'<form id="([\w-]+)"')


def requests_of(app: Flask, person: FlaskClient, ids: Ids) -> tuple[list[Attempt], list[Attempt]]:
    """Return the requests of the pages, their forms as the signed-in `person` sees them, and those of the API."""
    pages = [
        Attempt(method, filled_in(address, ids))
        for address, methods in sorted(methods_of(app).items())
        for method in sorted(methods & {"GET", "POST"})
        if not address.startswith(("/api/", "/metrics"))
    ]
    forms = [form for page in pages if page.method == "GET" for form in _forms(person, page.path)]
    endpoints = [
        Attempt(
            endpoint.method,
            endpoint.path.format(virtual_id=ids.web, server_id=ids.rs1),
            document=BODIES[endpoint.takes] if endpoint.takes else None,
            headers={"If-Match": "*"},
        )
        for endpoint in ENDPOINTS
    ]
    return [*pages, *forms], endpoints


def _forms(person: FlaskClient, path: str) -> Iterator[Attempt]:
    page = person.get(path)
    if page.mimetype != "text/html":
        return
    for form_id in FORM_ID.findall(page.text):
        form = FilledForm.on(page.text, form_id)
        for name, value in set(form.buttons.values()) or {("", "")}:
            yield Attempt("POST", form.action or path, fields={**form.fields, **({name: value} if name else {})})
