"""Two routers on this machine: each a state directory and a real `palometa partner` on a port of its own."""

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from app.accept.accept import AcceptContext, Accepted, ChangeResult, accept
from app.host.control_client import ask
from app.lvs.grammar.writer import Writer
from app.lvs.model.config import VirtualServer
from app.lvs.pair.lineage import RevisionId
from app.lvs.reports.partner import PartnerReport
from app.settings import Settings
from app.store import Edit, Store, migrate, open_store
from lab.programs import PALOMETA, Program, Running, start
from tests.free_ports import free_port
from tests.settings_environment import environment_of
from tests.waiting import LIMIT_S, until


class Router:
    """One router. Its process runs between `start` and `stop` or `kill`."""

    def __init__(self, directory: Path, template: Path | None = None) -> None:
        directory.mkdir()
        self.settings = Settings(
            lvs_cf=directory / "lvs.cf",
            state_directory=directory,
            runtime_directory=directory,
            database_url=f"sqlite:///{directory / 'palometa.db'}",
            partner_address="127.0.0.1",
            partner_port=free_port(),
        )
        if template is not None:
            shutil.copy(template, directory / "palometa.db")
        migrate(self.settings.database_url)
        self.store: Store = open_store(self.settings.database_url)
        self.log = directory / "log"
        self._process: Running | None = None

    def start(self) -> None:
        """Start the process, and wait until it answers."""
        environment = os.environ | environment_of(self.settings)
        self.settings.partner_socket.unlink(missing_ok=True)
        self._process = start(Program(PALOMETA, ("partner",), environment=environment, errors=self.log))
        until(lambda: self.settings.partner_socket.exists() or (self._process and self._process.poll()))
        assert self._process.poll() is None, self.log.read_text()

    def stop(self) -> int:
        """End the process kindly; return its status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the process on the spot."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        return process.wait(timeout=LIMIT_S)

    def ask(self, verb: str, **arguments: Any) -> Any:
        """Return the answer of the process."""
        return ask(self.settings.partner_socket, verb, arguments, 30.0, program="partner")

    def status(self) -> PartnerReport:
        """Return what the pages are told."""
        return cast(PartnerReport, self.ask("status"))

    def is_now(self, standing: str) -> bool:
        """Return whether the two stand so."""
        return self.status()["standing"] == standing

    @property
    def head(self) -> RevisionId:
        """The version of the configuration."""
        return self.store.partners.head()

    @property
    def names(self) -> list[str]:
        """The names of the virtual servers."""
        return [virtual.name for virtual in self.store.snapshot().config.virtual]

    def change(self, verb: Callable[[Edit], None], *parents: RevisionId, author: str = "anna") -> Accepted:
        """Make one change as the pages do."""

        def made(edit: Edit) -> ChangeResult:
            if parents:
                edit.skip_to(max(edit.head.serial_no, *(parent.serial_no for parent in parents)) + 1)
            verb(edit)
            return ChangeResult("a change", None, parents=parents)

        return accept(AcceptContext(self.settings, self.store, Writer(), author, "192.0.2.9", None), made)

    def add(self, name: str) -> Accepted:
        """Add a virtual server."""

        def verb(edit: Edit) -> None:
            edit.add_virtual(VirtualServer(name=name, port=80))

        return self.change(verb)

    def set_port(self, port: int) -> Accepted:
        """Change the port of the first virtual server."""
        row = self.store.snapshot().virtual[0]
        return self.change(lambda edit: edit.set_virtual(row.id, replace(row.virtual, port=port)))


def pair(shows: Router, types: Router) -> None:
    """Pair two running routers, and wait until each has reached the other."""
    where = {"address": "127.0.0.1", "port": shows.settings.partner_port}
    types.ask("pair", code=shows.ask("code"), **where)
    for router in (shows, types):
        until(lambda router=router: router.status()["there"]["is_up"] and router.status()["here"]["is_up"])  # type: ignore[misc]
