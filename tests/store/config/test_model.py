"""Any sequence of edits leaves the store equal to a plain model of it, here, in another process and reopened."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.lvs.model.config import Config, RealServer, VirtualServer
from app.store import migrate, open_store
from tests.store.config.blocks import CONFIGS, GLOBALS, SERVERS, VIRTUALS
from tests.store.stores import FAST, change

PLACES = st.integers(0, 9)
WHERE = st.none() | st.integers(0, 9)


class StoreModel(RuleBasedStateMachine):
    """`model` is the configuration as plain values; ids are looked up by place."""

    template: Path | None = None

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.model = Config(serial_no=0)

    @initialize()
    def open(self) -> None:
        if StoreModel.template is None:
            StoreModel.template = Path(tempfile.mkdtemp()) / "template.db"
            migrate(f"sqlite:///{StoreModel.template}")
        path = shutil.copy(StoreModel.template, self.directory / "palometa.db")
        self.url = f"sqlite:///{path}"
        self.store = open_store(self.url, hasher=FAST)
        self.other = open_store(self.url, hasher=FAST)

    def set_model(self, **changes: object) -> None:
        serial_no = (self.model.serial_no or 0) + 1
        self.model = replace(self.model, **{**changes, "serial_no": serial_no})  # type: ignore[arg-type]

    def set_model_virtual(self, place: int, virtual: VirtualServer) -> None:
        virtuals = list(self.model.virtual)
        virtuals[place] = virtual
        self.set_model(virtual=tuple(virtuals))

    @rule(virtual=VIRTUALS, where=WHERE)
    def add_virtual(self, virtual: VirtualServer, where: int | None) -> None:
        change(self.store, lambda edit: edit.add_virtual(virtual, where))
        virtuals = list(self.model.virtual)
        virtuals.insert(len(virtuals) if where is None else where, virtual)
        self.set_model(virtual=tuple(virtuals))

    @precondition(lambda self: self.model.virtual)
    @rule(place=PLACES, virtual=VIRTUALS)
    def set_virtual(self, place: int, virtual: VirtualServer) -> None:
        row = self.store.snapshot().virtual[place % len(self.model.virtual)]
        change(self.store, lambda edit: edit.set_virtual(row.id, virtual))
        self.set_model_virtual(row.position, replace(virtual, server=self.model.virtual[row.position].server))

    @precondition(lambda self: self.model.virtual)
    @rule(place=PLACES)
    def delete_virtual(self, place: int) -> None:
        row = self.store.snapshot().virtual[place % len(self.model.virtual)]
        change(self.store, lambda edit: edit.delete_virtual(row.id))
        virtuals = list(self.model.virtual)
        del virtuals[row.position]
        self.set_model(virtual=tuple(virtuals))

    @precondition(lambda self: self.model.virtual)
    @rule(place=PLACES, server=SERVERS, where=WHERE)
    def add_server(self, place: int, server: RealServer, where: int | None) -> None:
        row = self.store.snapshot().virtual[place % len(self.model.virtual)]
        change(self.store, lambda edit: edit.add_server(row.id, server, where))
        servers = list(row.virtual.server)
        servers.insert(len(servers) if where is None else where, server)
        self.set_model_virtual(row.position, replace(row.virtual, server=tuple(servers)))

    @precondition(lambda self: any(virtual.server for virtual in self.model.virtual))
    @rule(place=PLACES, server=st.none() | SERVERS)
    def set_or_delete_server(self, place: int, server: RealServer | None) -> None:
        rows = [(virtual, row) for virtual in self.store.snapshot().virtual for row in virtual.servers]
        virtual, row = rows[place % len(rows)]
        servers = list(virtual.virtual.server)
        if server is None:
            change(self.store, lambda edit: edit.delete_server(row.id))
            del servers[row.position]
        else:
            change(self.store, lambda edit: edit.set_server(row.id, server))
            servers[row.position] = server
        self.set_model_virtual(virtual.position, replace(virtual.virtual, server=tuple(servers)))

    @rule(config=GLOBALS)
    def set_globals(self, config: Config) -> None:
        change(self.store, lambda edit: edit.set_globals(config))
        self.set_model(
            **{name: getattr(config, name) for name in ("network", "primary", "heartbeat", "keepalive")}
        )

    @rule(config=CONFIGS)
    def replace_all(self, config: Config) -> None:
        change(self.store, lambda edit: edit.replace(config))
        self.model = replace(config, serial_no=(self.model.serial_no or 0) + 1)

    @rule()
    def swap_editors(self) -> None:
        self.store, self.other = self.other, self.store

    @rule(virtual=VIRTUALS)
    def give_up(self, virtual: VirtualServer) -> None:
        with self.store.edit("anna") as edit:
            edit.add_virtual(virtual)

    @invariant()
    def all_see_the_model(self) -> None:
        if hasattr(self, "store"):
            assert self.store.snapshot().config == self.model
            assert self.other.snapshot() == self.store.snapshot()

    def teardown(self) -> None:
        reopened = open_store(self.url, hasher=FAST)
        assert reopened.snapshot() == self.store.snapshot()
        assert [change.serial_no for change in reopened.revisions(limit=1)] in ([], [self.model.serial_no])
        for opened in (reopened, self.store, self.other):
            opened.close()
        shutil.rmtree(self.directory)


StoreModel.TestCase.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestStoreModel = StoreModel.TestCase
