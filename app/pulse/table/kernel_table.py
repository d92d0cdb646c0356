"""The kernel's IPVS table as pulse opens and reads it; there may be none, until its module is loaded."""

import time
from contextlib import ExitStack

from app.host.ipvs.table import IPVS
from app.lvs.ipvs.counters import connections
from app.pulse.process.owned import OwnedState
from app.pulse.table.keeper import TableKeeper

FRESH_S = 0.5
"""A reading younger than this answers a request about the table."""


class KernelTable:
    """Holds the table's keeper once it is open. `version` is that of IPVS, empty until then."""

    def __init__(self, memory: OwnedState) -> None:
        self._memory = memory
        self.keeper: TableKeeper | None = None
        self.version = ""

    def open(self, stack: ExitStack) -> None:
        """Open the table, for as long as `stack` lasts; raise IPVSFailed."""
        ipvs = stack.enter_context(IPVS())
        self.version = str(ipvs.version())
        self.keeper = TableKeeper(ipvs, self._memory)

    def refresh(self) -> None:
        """Read the whole table, unless that has just been done; raise IPVSFailed."""
        keeper = self.keeper
        if keeper is None or (keeper.read_at is not None and time.monotonic() - keeper.read_at < FRESH_S):
            return
        keeper.read_all()

    def connections(self) -> int | None:
        """Return how many connections the kernel knows; None: the table is not open."""
        return connections(self.keeper.counters) if self.keeper is not None else None
