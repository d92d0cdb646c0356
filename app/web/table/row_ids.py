"""The rows of the routing table by the ids of the store, where pulse has applied what is saved."""

from app.accept.on_disk import OnDisk
from app.lvs.reports.status import AppliedReport
from app.store import Snapshot
from app.web.frame import current

_OURS = (OnDisk.WRITTEN, OnDisk.LATE)
"""What pulse may have read there and called by our serial. An edit by hand keeps the serial it found."""


def is_applied(applied: AppliedReport | None, snapshot: Snapshot) -> bool:
    """Return whether what pulse names by place is at that place in `snapshot`, too."""
    return applied is not None and applied["serial_no"] == snapshot.serial_no and current.lvs_cf() in _OURS


class RowIds:
    """Knows the ids of what a report names by place; none where that is not the configuration saved."""

    def __init__(self, applied: AppliedReport | None) -> None:
        snapshot = current.store().snapshot()
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
