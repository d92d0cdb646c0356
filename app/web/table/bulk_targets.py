"""The virtual and real servers of the configuration that the selected rows of CONTROL/MONITORING stand for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from app.lvs.ipvs.service_names import address_text
from app.lvs.model.values import AdminState
from app.store import Snapshot, VirtualRow
from app.web.change.conflict import ServerPlace
from app.web.frame.current import current
from app.web.table.row_ids import RowIds
from app.web.table.view_options import read_query

ON_VIRTUALS = ("ACTIVATE", "DEACTIVATE")
"""Actions on a virtual server itself; every other action applies to all of its real servers."""
ACTIONS = (*ON_VIRTUALS, "DRAIN", "MAINTENANCE", "READY", "SET WEIGHT")
ADMIN = {"DRAIN": AdminState.DRAIN, "MAINTENANCE": AdminState.MAINTENANCE, "READY": AdminState.READY}
TEXT_MAX = 400_000


@dataclass(frozen=True, slots=True)
class Targets:
    """What an action applies to, in the order of the configuration."""

    virtuals: tuple[VirtualRow, ...]
    servers: tuple[ServerPlace, ...]

    def __bool__(self) -> bool:
        return bool(self.virtuals or self.servers)

    @property
    def words(self) -> str:
        """The counts in words: "2 virtual servers and 3 real servers"."""
        parts = [
            f"{number} {noun}{'' if number == 1 else 's'}"
            for number, noun in ((len(self.virtuals), "virtual server"), (len(self.servers), "real server"))
            if number
        ]
        return " and ".join(parts)

    @property
    def changed_serial(self) -> int:
        """The serial at which any of them last changed."""
        serials = [row.changed_serial for row in self.virtuals]
        serials += [place.row.changed_serial for place in self.servers]
        return max(serials, default=0)

    def named(self) -> str:
        """Return them by their ids, as a form carries them."""
        return " ".join(
            [*(f"v{row.id}" for row in self.virtuals), *(f"r{place.row.id}" for place in self.servers)]
        )


def find_targets(snapshot: Snapshot, action: str, chosen: Iterable[str]) -> Targets:
    """Return what `action` changes of `chosen`: v or r and an id, h and a host's address; ignore other words."""
    wanted = {target for target in chosen if target}
    virtuals: list[VirtualRow] = []
    servers: list[ServerPlace] = []
    for row in snapshot.virtual:
        is_chosen = f"v{row.id}" in wanted
        if is_chosen and action in ON_VIRTUALS:
            virtuals.append(row)
        for index, server in enumerate(row.servers):
            is_inherited = is_chosen and action not in ON_VIRTUALS
            address = server.server.address
            names = (f"r{server.id}", f"h{address_text(address)}" if address is not None else "")
            if is_inherited or not wanted.isdisjoint(names):
                servers.append(ServerPlace(row, server, index))
    return Targets(tuple(virtuals), tuple(servers))


def everything_found(query: str, scope: str) -> Iterator[str]:
    """Yield the names of all real servers, or virtual servers, that match the filter of the page at `query`."""
    question = replace(read_query(query).question(), wants_places=True, raw="")
    report = current.pulse.table(question).report
    ids = RowIds(report["applied"] if report else None)
    for position, index in report["places"] if report else ():
        if scope == "servers" and index >= 0 and (server_id := ids.server(position, index)):
            yield f"r{server_id}"
        if scope == "services" and index < 0 and (virtual_id := ids.virtual(position)):
            yield f"v{virtual_id}"
