"""The effect of an action on many rows, before it is applied: what goes out of rotation, what stays up."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from app.lvs.keywords.table import effective
from app.lvs.model.admin_state import admin_of
from app.lvs.model.values import AdminState
from app.lvs.reports.status import ServerReport, StatusReport
from app.store import VirtualRow
from app.web.frame.badges import DOWN, INFO, OFF, UP, WARN, Badge
from app.web.table.bulk_targets import Targets

SHOWN_MAX = 50
MEANING = {
    "ACTIVATE": "Adds them to the kernel, real servers as soon as their health checks pass.",
    "DEACTIVATE": "Removes them from the kernel immediately: no new clients, and open connections break.",
    "DRAIN": "No new clients; open connections continue, and persistent clients may return until their timeout.",
    "MAINTENANCE": "Removes them from the table immediately, healthy or not; open connections break.",
    "READY": "Ends drain and maintenance: the health checks decide again.",
    "SET WEIGHT": "Changes their share of new connections; open ones stay. Weight 0 admits no new clients.",
}
_BRINGS = ("ACTIVATE", "READY")
_WORST_FIRST = (DOWN, WARN, INFO, UP, OFF)


@dataclass(frozen=True, slots=True)
class EffectLine:
    """The effect on one virtual server; `before` and `after` are how many servers are in rotation."""

    badge: Badge
    row: VirtualRow
    servers: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Effect:
    """The lines, worst first, at most SHOWN_MAX of `count`; `broken` is how many lose every server."""

    lines: tuple[EffectLine, ...]
    count: int
    broken: int
    below_quorum: int
    connections: int | None


def effect_of(action: str, targets: Targets, weight: int | None, report: StatusReport | None) -> Effect:
    """Return the effect of `action` on `targets`; without a `report` of pulse, from the configuration alone."""
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
    lines.sort(key=lambda line: _WORST_FIRST.index(line.badge.kind))
    return Effect(
        tuple(lines[:SHOWN_MAX]),
        len(lines),
        sum(line.badge.kind is DOWN for line in lines),
        sum(line.badge.kind is WARN for line in lines),
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
        return EffectLine(Badge(OFF, "deactivated: no effect on clients now"), row, names, 0, 0)
    quorum = effective(virtual, "quorum")
    if before and not after:
        then = "its sorry server takes over" if virtual.sorry_server and not is_itself else "clients are refused"
        return EffectLine(Badge(DOWN, f"no server left: {then}"), row, names, len(before), 0)
    if len(after) < quorum <= len(before):
        return EffectLine(Badge(WARN, f"falls below its quorum of {quorum}"), row, names, len(before), len(after))
    badge = Badge(UP, "comes into rotation") if brings else Badge(INFO, "stays up")
    return EffectLine(badge, row, names, len(before), len(after))


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
    """Return how many open connections the affected real servers have; None: not known."""
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
