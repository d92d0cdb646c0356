"""Sends hostile requests as everybody there is: strangers, people who are signed in, holders of tokens."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random

from flask import Flask

from app.settings import Settings
from app.store import Scope, Store
from app.web.frame.security import cookie_name
from tests.attack.answers import Answer, read_answer
from tests.attack.corpus import requests_of
from tests.attack.hostile import Attempt
from tests.waiting import LIMIT_S
from tests.web.browsing import ADMIN, PASSWORD
from tests.web.clusters import Ids, save_cluster
from tests.web.person import Person
from tests.web.program import DAY
from tests.web.server.pages import Pages

RENEWED_AFTER = 400
"""Requests after which everybody gets new tokens, and the configuration is put back: some have deleted them."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with or without a right to be here; a person has a form token, a program none."""

    headers: dict[str, str]
    form_token: str = ""
    is_program: bool = False


class Attacker:
    """Sends requests to `pages`, one after the other; the same ones for the same seed."""

    def __init__(self, pages: Pages, app: Flask, settings: Settings, store: Store, seed: int) -> None:
        self.pages = pages
        self.random = Random(seed)
        self._app, self._settings, self._store = app, settings, store
        self._connection: socket.socket | None = None
        self._corpus: tuple[Ids, list[Attempt], list[Attempt]] | None = None

    def requests(self, count: int) -> Iterator[Attempt]:
        """Yield `count` requests that are let through, or would be for somebody else."""
        for number in range(count):
            if number % RENEWED_AFTER == 0:
                callers, pages, endpoints = self._renew()
            caller = self.random.choice(callers)
            attempt = self.random.choice(endpoints if caller.is_program or self.random.random() < 0.05 else pages)
            fields = dict(attempt.fields)
            if attempt.method == "POST" and attempt.document is None and caller.form_token:
                fields["csrf_token"] = caller.form_token
            yield replace(attempt, fields=fields, headers={**attempt.headers, **caller.headers})

    def ask(self, request: bytes, method: str, *, is_last: bool = False) -> Answer | None:
        """Send `request` and return the answer; None: the connection was closed without one.

        `is_last`: nothing follows, and the server is told so. Raises TimeoutError for silence.
        """
        if self._connection is None:
            self._connection = self.pages.connect(LIMIT_S)
        # What is closed while we still write may have been answered before.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._connection.sendall(request)
            if is_last:
                self._connection.shutdown(socket.SHUT_WR)
        answer = read_answer(self._connection, method)
        if answer is None or answer.is_last or is_last:
            self.close()
        return answer

    def close(self) -> None:
        """End the connection; the next request opens another one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _renew(self) -> tuple[list[Caller], list[Attempt], list[Attempt]]:
        """Give everybody a new session or token; return them, and the requests of the pages and of the API."""
        ids = save_cluster(self._settings, self._store)
        self._store.users.set_password(ADMIN, PASSWORD)
        user = self._store.users.verify(ADMIN, PASSWORD)
        assert user
        names = {name: cookie_name(self._settings, name) for name in ("session", "form")}
        cookies = {names["session"]: self._store.sessions.open(user, "127.0.0.1")}
        client = self._app.test_client()
        client.set_cookie(names["session"], cookies[names["session"]])
        form_token = Person(client).token_on("/password")
        form = client.get_cookie(names["form"])
        assert form
        cookies[names["form"]] = form.value
        person = Caller({"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}, form_token)
        for token in self._store.api_tokens.all():
            self._store.api_tokens.revoke(token.id)
        tokens = {scope: self._store.api_tokens.make(scope, scope, DAY, "anna") for scope in Scope}
        programs = [Caller({"Authorization": f"Bearer {token}"}, is_program=True) for token in tokens.values()]
        # Reading every form again takes as long as a hundred requests, and the ids seldom change.
        if self._corpus is None or self._corpus[0] != ids:
            self._corpus = ids, *requests_of(self._app, client, ids)
        return [Caller({}), person, person, person, *programs], *self._corpus[1:]
