"""The ids that the store has for rows of the routing table, where pulse has applied the saved configuration."""

from app.accept.on_disk import OnDisk
from app.lvs.reports.status import AppliedReport
from app.store import Snapshot
from app.web.frame.current import current

_OURS = (OnDisk.WRITTEN, OnDisk.LATE)
"""When pulse may have read our file under our serial. A file edited by hand keeps its old serial."""


def is_applied(applied: AppliedReport | None, snapshot: Snapshot) -> bool:
    """Return whether positions in pulse's reports are positions in `snapshot`, too."""
    return applied is not None and applied["serial_no"] == snapshot.serial_no and current.lvs_cf.compare() in _OURS


class RowIds:
    """Maps the positions in a report to ids; to none if the report is not of the saved configuration."""

    def __init__(self, applied: AppliedReport | None) -> None:
        snapshot = current.store.snapshot()
        self._rows = snapshot.virtual if is_applied(applied, snapshot) else ()

    def virtual(self, position: int | None) -> int | None:
        """Return the id of the virtual server at `position`."""
        return self._rows[position].id if position is not None and 0 <= position < len(self._rows) else None

    def server(self, position: int | None, index: int | None) -> int | None:
        """Return the id of real server `index` of the virtual server at `position`."""
        if position is None or index is None or not 0 <= position < len(self._rows):
            return None
        servers = self._rows[position].servers
        return servers[index].id if 0 <= index < len(servers) else None
