"""A program that uses the API with a token; it has no browser and no cookie."""

from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.store import Scope, Store

DAY = timedelta(days=1)


class Program:
    """Wraps a test client of its own that sends `token`; None: none."""

    def __init__(self, app: Flask, token: str | None) -> None:
        self.client = app.test_client(use_cookies=False)
        self.headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def get(self, address: str, **headers: str) -> TestResponse:
        """Ask for something."""
        return self.send("GET", address, **headers)

    def send(self, method: str, address: str, document: Any = None, **headers: str) -> TestResponse:
        """Send `document` as JSON; None: no body."""
        sent = {**self.headers, **{name.replace("_", "-"): text for name, text in headers.items()}}
        if document is None:
            return self.client.open(address, method=method, headers=sent)
        return self.client.open(address, method=method, headers=sent, json=document)

    def change(self, method: str, address: str, document: Any = None, seen: str = "*") -> TestResponse:
        """Send a change of what was `seen`."""
        return self.send(method, address, document, If_Match=seen)


def program(app: Flask, store: Store, scope: Scope, name: str = "deploy") -> Program:
    """Return a program with a new token of that scope."""
    return Program(app, store.api_tokens.make(name, scope, DAY, "anna"))
