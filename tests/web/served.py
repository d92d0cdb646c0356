"""A real `palometa web` in a process of its own, with one administrator, one program and one virtual server."""

import http.client
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.settings import Settings
from app.store import Scope, open_store
from app.web.frame.security import cookie_name
from lab.programs import PALOMETA, Program, Running, start
from tests.free_ports import free_port
from tests.settings_environment import environment_of
from tests.waiting import LIMIT_S, until
from tests.web.browsing import ADMIN, PASSWORD
from tests.web.clusters import Ids, save_cluster
from tests.web.program import DAY


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    text: str


class ServedWeb:
    """The process, and who may ask it: a person with a session, and a program with a token of scope admin."""

    def __init__(self, state: Path, lvs_cf: Path, template: Path) -> None:
        """Keep the state in the directory `state`, which gets a copy of the database `template`."""
        self.settings = Settings(
            lvs_cf=lvs_cf,
            state_directory=state,
            runtime_directory=state,
            database_url=f"sqlite:///{state / 'palometa.db'}",
            port=free_port(),
        )
        self.database = state / "palometa.db"
        shutil.copy(template, self.database)
        store = open_store(self.settings.database_url)
        self.ids: Ids = save_cluster(self.settings, store)
        user = store.users.verify(ADMIN, PASSWORD)
        assert user
        self.cookie = f"{cookie_name(self.settings, 'session')}={store.sessions.open(user, '127.0.0.1')}"
        self._token = store.api_tokens.make("deploy", Scope.ADMIN, DAY, ADMIN)
        store.close()
        self._process: Running | None = None

    def start(self, log: Path) -> Running:
        """Start the process; what it says is appended to `log`."""
        environment = os.environ | environment_of(self.settings)
        self._process = start(Program(PALOMETA, ("web",), environment=environment, output=log, errors=log))
        return self._process

    @property
    def workers(self) -> list[int]:
        """The processes that answer; none: it has ended."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in children.read_text().split()] if self._process.poll() is None else []

    def wait(self, log: Path) -> None:
        """Wait until it answers."""

        def answers() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, log.read_text()
            try:
                return self.ask("GET", "/health").status == 200
            except OSError:
                return False

        until(answers, log.read_text)

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(LIMIT_S)

    def look(self, address: str) -> Answer:
        """Return the page at `address` as the administrator gets it."""
        return self.ask("GET", address, {"Cookie": self.cookie})

    def set_port(self, port: int) -> Answer:
        """Change the port of the virtual server as a program does."""
        headers = {"Authorization": f"Bearer {self._token}", "If-Match": "*", "Content-Type": "application/json"}
        return self.ask("PATCH", f"/api/virtual/{self.ids.web}", headers, {"port": port})

    def read(self, address: str) -> Answer:
        """Return what the API says at `address`."""
        return self.ask("GET", address, {"Authorization": f"Bearer {self._token}"})

    def ask(
        self, method: str, address: str, headers: dict[str, str] | None = None, document: Any = None
    ) -> Answer:
        """Send a request and return its answer; redirects are not followed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.settings.port, timeout=LIMIT_S)
        try:
            body = None if document is None else json.dumps(document)
            connection.request(method, address, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())
        finally:
            connection.close()


@contextmanager
def serving(web: ServedWeb, log: Path) -> Iterator[ServedWeb]:
    """Have `web` run and answer for the block."""
    web.start(log)
    try:
        web.wait(log)
        yield web
    finally:
        web.stop()
