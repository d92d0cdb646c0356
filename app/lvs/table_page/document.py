"""One page of the routing table as a document: entries in, the answer to the verb ``table`` out."""

from collections.abc import Callable, Mapping, Sequence

from app.lvs.ipvs.ipvsadm import FORWARD_WORDS, flags_text
from app.lvs.ipvs.service_names import endpoint_text, protocol_word
from app.lvs.ipvs.table import DestinationKey, Forward, ServiceKey
from app.lvs.reports.status import ServerReport
from app.lvs.reports.table import GroupReport, MemberReport, Numbers
from app.lvs.table_page.columns import TABS, Column, server_number
from app.lvs.table_page.rows import SERVER_STATES, ServerEntry, ServiceEntry, host_text, place_text, row_key
from app.lvs.table_page.view import Group, Pair, Shown, ShownGroup, group_number

NAMES_MAX = 3
_RATES = ("cps", "inpps", "outpps", "inbps", "outbps")
# Replies of these do not come back through the director.
_SILENT = (Forward.ROUTE, Forward.TUNNEL)
_WORST_FIRST = {state: place for place, state in enumerate(("down", "missing", "maintenance", "drain", "held"))}

HealthOf = Callable[[int, int], ServerReport | None]
"""Returns what the checks say of the server at a position and index."""


Absences = Mapping[tuple[ServiceKey, DestinationKey | None], str]
"""Why the kernel does not have what it should: a service, or a server of one."""


def group_reports(shown: Shown, tab: str, health: HealthOf, absences: Absences) -> list[GroupReport]:
    """Return the groups of `shown` with the numbers of `tab`."""
    columns = TABS[tab]
    return [_group_report(group, columns, health, absences) for group in shown.groups]


def rates_of(entries: Sequence[ServiceEntry]) -> Numbers:
    """Return the rates of all services added up."""
    totals = [entry.totals for entry in entries if entry.totals is not None]
    return {
        "cps": sum(counter.connections_per_s for counter in totals),
        "inpps": sum(counter.packets_in_per_s for counter in totals),
        "outpps": sum(counter.packets_out_per_s for counter in totals),
        "inbps": sum(counter.bytes_in_per_s for counter in totals),
        "outbps": sum(counter.bytes_out_per_s for counter in totals),
    }


def places_of(shown: Sequence[Group]) -> list[list[int]]:
    """Return [position, index] of everything configured in the groups, index -1 for a virtual server itself."""
    places: list[list[int]] = []
    for group in shown:
        if group.service is not None and group.service.position is not None:
            places.append([group.service.position, -1])
        places.extend(
            [entry.position, server.place]
            for entry, server in group.members
            if entry.position is not None and server.place is not None
        )
    return places


def worst_state(servers: Sequence[ServerEntry]) -> str:
    """Return the state of a host: the worst of its servers' states."""
    states = {server.state for server in servers}
    return min(states, key=lambda state: (_WORST_FIRST.get(state, 9), SERVER_STATES.index(state)))


def _group_report(
    shown: ShownGroup, columns: Sequence[Column], health: HealthOf, absences: Absences
) -> GroupReport:
    group, entry = shown.group, shown.group.service
    servers = [server for _, server in group.members]
    serving = entry or ServiceEntry("", None, None, None, None, "", servers, "")
    return {
        "key": group.key,
        "host": "" if entry else group.key,
        "names": [entry.name] if entry else _names(servers),
        "position": entry.position if entry else None,
        "protocol": protocol_word(entry.key) if entry and entry.key else "",
        "local": place_text(entry.key) if entry else "",
        "scheduler": entry.scheduler if entry else "",
        "flags": flags_text(entry.service) if entry and entry.service else "",
        "state": entry.state if entry else worst_state(servers),
        "up": serving.up,
        "of": serving.of,
        "is_in_kernel": entry.service is not None if entry else any(server.destination for server in servers),
        "is_out_silent": bool(serving.servers) and all(map(_is_silent, serving.servers)),
        "numbers": {column.name: group_number(column.name, group) for column in columns},
        "is_open": shown.is_open,
        "is_continued": shown.is_continued,
        "members": len(group.members),
        "lines": [_member_report(pair, columns, health, absences) for pair in shown.members],
    }


def _names(servers: Sequence[ServerEntry]) -> list[str]:
    return list(dict.fromkeys(server.name for server in servers if server.name))[:NAMES_MAX]


def _is_silent(server: ServerEntry) -> bool:
    return server.destination is None or server.destination.forward in _SILENT


def _member_report(pair: Pair, columns: Sequence[Column], health: HealthOf, absences: Absences) -> MemberReport:
    entry, server = pair
    is_ours = entry.position is not None and server.place is not None
    return {
        "key": f"{endpoint_text(server.key.address, server.key.port) if server.key else ''} {server.name}",
        "service": row_key(entry),
        "owner": entry.name,
        "position": entry.position,
        "index": server.place,
        "name": server.name,
        "address": host_text(server),
        "port": server.key.port if server.key else 0,
        "forward": FORWARD_WORDS[server.destination.forward] if server.destination else "",
        "state": server.state,
        "numbers": {column.name: server_number(column.name, server) for column in columns},
        "health": health(entry.position, server.place) if is_ours else None,  # type: ignore[arg-type]
        "missing": _why_missing(entry, server, absences),
    }


def _why_missing(entry: ServiceEntry, server: ServerEntry, absences: Absences) -> str:
    if not absences or entry.key is None:
        return ""
    return absences.get((entry.key, server.key)) or absences.get((entry.key, None), "")


def counts(states: Mapping[str, int], order: Sequence[str]) -> dict[str, int]:
    """Return how many there are of each state, in `order`, without those of which there are none."""
    return {state: states[state] for state in order if states.get(state)}
