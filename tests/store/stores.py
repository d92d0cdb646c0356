"""What the tests of the store share: a clock that is set, quick password hashes, and short ways to edit."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher

from app.lvs.model.config import RealServer, VirtualServer
from app.store import Edit, Store, VirtualRow

FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
GOOD = "vier Esel im Nebel"

Result = TypeVar("Result")


class Clock:
    """Time that passes when it is told to; starts at noon of a day in 2026."""

    def __init__(self) -> None:
        self.seconds = 1_767_960_000.0

    def __call__(self) -> float:
        return self.seconds

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


def change(store: Store, verb: Callable[[Edit], Result], author: str = "anna", summary: str = "") -> Result:
    """Make one change and finish it; return what the verb returned."""
    with store.edit(author) as edit:
        result = verb(edit)
        edit.finish(summary, b"")
    return result


def add_web(store: Store, name: str = "web", servers: int = 2, author: str = "anna") -> VirtualRow:
    """Add a virtual server with real servers s0, s1 …; return its row."""
    virtual = VirtualServer(name=name, port=80, server=tuple(RealServer(name=f"s{n}") for n in range(servers)))
    virtual_id = change(store, lambda edit: edit.add_virtual(virtual), author, f"added {name}")
    return found(store, virtual_id)


def found(store: Store, virtual_id: int) -> VirtualRow:
    """Return the row of a virtual server that must be there."""
    row = store.snapshot().find_virtual(virtual_id)
    assert row is not None
    return row


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the write lock from a connection of one's own."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
