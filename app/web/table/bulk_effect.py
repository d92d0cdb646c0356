"""What an action on many rows would do, in words, before it is done: what goes, what stays up."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from app.lvs.keywords.table import effective
from app.lvs.model.admin_state import admin_of
from app.lvs.model.values import AdminState
from app.lvs.reports.status import ServerReport, StatusReport
from app.store import VirtualRow
from app.web.table.bulk_targets import Targets

SHOWN_MAX = 50
MEANING = {
    "ACTIVATE": "They come into the kernel; real servers as soon as their checks let them.",
    "DEACTIVATE": "They leave the kernel at once: no new clients, and open connections break.",
    "DRAIN": "No new clients; open connections go on, and sticky clients may come back until their time is over.",
    "MAINTENANCE": "Out of the table at once, whatever the checks say; open connections break.",
    "READY": "Drain and maintenance end: back to what the checks say.",
    "SET WEIGHT": "Their share of new connections changes; open ones stay where they are. At weight 0 none comes.",
}
_BRINGS = ("ACTIVATE", "READY")


@dataclass(frozen=True, slots=True)
class EffectLine:
    """What becomes of one virtual server; `kind` is a badge's, `before` and `after` how many servers serve."""

    kind: str
    verdict: str
    row: VirtualRow
    servers: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Effect:
    """The lines worst first, no more than SHOWN_MAX of `count`; `broken` is how many lose every server."""

    lines: tuple[EffectLine, ...]
    count: int
    broken: int
    below_quorum: int
    connections: int | None


def effect_of(action: str, targets: Targets, weight: int | None, report: StatusReport | None) -> Effect:
    """Return what `action` on `targets` would do; without a `report` of pulse, by the configuration alone."""
    known = {(server["position"], server["index"]): server for server in report["servers"]} if report else {}
    touched: dict[int, set[int]] = {row.position: set() for row in targets.virtuals}
    rows = {row.position: row for row in targets.virtuals}
    for place in targets.servers:
        rows[place.virtual.position] = place.virtual
        touched.setdefault(place.virtual.position, set()).add(place.index)
    itself = {row.position for row in targets.virtuals}
    brings = action in _BRINGS or (action == "SET WEIGHT" and weight != 0)
    lines = [
        _line(rows[position], touched[position], known, position in itself, brings) for position in sorted(rows)
    ]
    lines.sort(key=lambda line: ("down", "warn", "info", "up", "off").index(line.kind))
    return Effect(
        tuple(lines[:SHOWN_MAX]),
        len(lines),
        sum(line.kind == "down" for line in lines),
        sum(line.kind == "warn" for line in lines),
        _connections(touched, itself, report) if not brings else None,
    )


def _line(
    row: VirtualRow,
    touched: set[int],
    known: Mapping[tuple[int, int], ServerReport],
    is_itself: bool,
    brings: bool,
) -> EffectLine:
    virtual = row.virtual
    names = ", ".join(virtual.server[index].name for index in sorted(touched)) or "itself"
    serving = {index for index in range(len(virtual.server)) if _serves(row, index, known)}
    if is_itself and not brings:
        after: set[int] = set()
    elif is_itself:
        after = {index for index, server in enumerate(virtual.server) if server.active} | touched
    else:
        after = serving | {at for at in touched if _may(row, at, known)} if brings else serving - touched
    before = serving if virtual.active else set()
    if not virtual.active and not is_itself:
        return EffectLine("off", "deactivated: nothing changes for clients now", row, names, 0, 0)
    quorum = effective(virtual, "quorum")
    if before and not after:
        sorry = (
            ": its sorry server takes over" if virtual.sorry_server and not is_itself else ": clients are refused"
        )
        return EffectLine("down", f"nothing stays up{sorry}", row, names, len(before), 0)
    if len(after) < quorum <= len(before):
        return EffectLine("warn", f"falls below its quorum of {quorum}", row, names, len(before), len(after))
    kind = "up" if brings else "info"
    return EffectLine(kind, "may serve" if brings else "stays up", row, names, len(before), len(after))


def _serves(row: VirtualRow, index: int, known: Mapping[tuple[int, int], ServerReport]) -> bool:
    report = known.get((row.position, index))
    if report is not None:
        return report["is_in"] and report["admin"] == "ready" and report["weight"] != 0
    server = row.virtual.server[index]
    is_ready = admin_of(server, time.time()).state is AdminState.READY
    return bool(server.active) and is_ready and effective(server, "weight") > 0


def _may(row: VirtualRow, index: int, known: Mapping[tuple[int, int], ServerReport]) -> bool:
    report = known.get((row.position, index))
    return report is None or report["state"] != "down"


def _connections(touched: Mapping[int, set[int]], itself: set[int], report: StatusReport | None) -> int | None:
    """Return how many open connections the real servers in question have; None: not known."""
    if report is None:
        return None
    names = {
        (server["position"], server["address"])
        for server in report["servers"]
        if server["position"] in itself or server["index"] in touched.get(server["position"], ())
    }
    return sum(
        destination["active"]
        for service in report["services"]
        for destination in service["destinations"]
        if service["position"] is not None and (service["position"], destination["address"]) in names
    )
