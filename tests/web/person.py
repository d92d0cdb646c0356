"""A person in front of a browser that has no window: opens pages and sends their forms, token and all."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Person:
    """Wraps Flask's test client; follows no redirect by itself."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, address: str, **headers: str) -> TestResponse:
        """Open a page."""
        return self.client.get(address, headers=headers, buffered=True)

    def send(self, address: str, fields: dict[str, str] | None = None, on: str | None = None) -> TestResponse:
        """Send a form to `address` with the token of the page it stands on (`on`, else the same address)."""
        token = self.token_on(on or address)
        return self.client.post(address, data={"csrf_token": token, **(fields or {})})

    def token_on(self, address: str) -> str:
        """Return the CSRF token of a form on the page."""
        found = TOKEN.search(self.get(address).text)
        assert found, f"no form on {address}"
        return found[1]

    def follow(self, answer: TestResponse) -> TestResponse:
        """Go where `answer` leads."""
        assert answer.location, f"{answer.status} leads nowhere: {answer.text}"
        return self.get(answer.location)
