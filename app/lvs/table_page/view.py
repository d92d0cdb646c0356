"""Which rows of the table one page shows: filtered, grouped, sorted, opened and cut."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from app.lvs.ipvs.service_names import address_text
from app.lvs.ipvs.table import DestinationKey, destination_order
from app.lvs.model.values import Address
from app.lvs.table_page.columns import WORD_COLUMNS, added_up, server_number, service_number
from app.lvs.table_page.filter import Filter
from app.lvs.table_page.rows import SERVING, ServerEntry, ServiceEntry, row_key

LINES_A_PAGE = 75
"""So many that a page with a small graph in each line stays below 150 kB."""

Pair = tuple[ServiceEntry, ServerEntry]


@dataclass(frozen=True, slots=True)
class TableQuery:
    """What is asked for. `sort` empty: ipvsadm's order. `offset` counts lines: groups, and members of open ones.

    `opened` says which groups are open: ``all``, ``none``, or ``auto``: all if they fit on one page; `toggled` are
    the keys of those that are the other way. `is_kernel_only` leaves out what is only configured.
    """

    filter: Filter = field(default_factory=Filter)
    sort: str = ""
    is_descending: bool = False
    group: Literal["service", "host"] = "service"
    opened: Literal["auto", "all", "none"] = "auto"
    toggled: frozenset[str] = frozenset()
    offset: int = 0
    limit: int = LINES_A_PAGE
    is_kernel_only: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A service with its servers, or a host (`service` None) with what it serves."""

    key: str
    service: ServiceEntry | None
    members: Sequence[Pair]


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group as far as it is on the page; `is_continued`: its first members stand on the page before."""

    group: Group
    is_open: bool
    members: Sequence[Pair]
    is_continued: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One page. Lines are counted after the filter, `services`, `servers` and the states before it."""

    groups: Sequence[ShownGroup]
    lines: int
    offset: int
    services: int
    servers: int
    services_found: int
    servers_found: int
    service_states: Mapping[str, int]
    server_states: Mapping[str, int]


def choose(entries: Sequence[ServiceEntry], query: TableQuery) -> Shown:
    """Return the page of `entries` that `query` asks for; an offset behind the end gives the last page."""
    known = [entry for entry in entries if entry.service is not None] if query.is_kernel_only else entries
    groups = find(known, query)
    found = sum(len(group.members) for group in groups)
    is_open = _opener(query, len(groups) + found)
    lines = sum(1 + (len(group.members) if is_open(group) else 0) for group in groups)
    last = max(0, (lines - 1) // query.limit * query.limit)
    offset = min(max(query.offset, 0), last)
    return Shown(
        groups=tuple(_cut(_sorted(groups, query), query, is_open, offset)),
        lines=lines,
        offset=offset,
        services=len(known),
        servers=sum(len(entry.servers) for entry in known),
        services_found=len({id(service) for group in groups for service, _ in group.members})
        if query.group == "host"
        else len(groups),
        servers_found=found,
        service_states=Counter(entry.state for entry in known),
        server_states=Counter(server.state for entry in known for server in entry.servers),
    )


def find(entries: Iterable[ServiceEntry], query: TableQuery) -> list[Group]:
    """Return the groups the filter leaves, in the order of `entries`, hosts in the order of their addresses."""
    services: list[Group] = []
    for entry in entries:
        servers = query.filter.servers(entry)
        if servers is None or (query.is_kernel_only and entry.service is None):
            continue
        if query.is_kernel_only:
            servers = tuple(server for server in servers if server.destination is not None)
        services.append(Group(row_key(entry), entry, [(entry, server) for server in servers]))
    if query.group == "service":
        return services
    hosts: dict[Address, list[Pair]] = {}
    for group in services:
        for pair in group.members:
            if pair[1].key is not None:
                hosts.setdefault(pair[1].key.address, []).append(pair)
    ordered = sorted(hosts, key=lambda address: (-address.version, address.packed))
    return [Group(address_text(address), None, hosts[address]) for address in ordered]


def group_number(name: str, group: Group) -> int | None:
    """Return what stands in column `name` of a group."""
    if group.service is not None:
        return service_number(name, group.service)
    return added_up(name, (server for _, server in group.members))


def _opener(query: TableQuery, lines: int) -> Callable[[Group], bool]:
    usual = query.opened == "all" or (query.opened == "auto" and lines <= query.limit)
    return lambda group: bool(group.members) and (group.key in query.toggled) is not usual


def _sorted(groups: list[Group], query: TableQuery) -> list[Group]:
    if not query.sort:
        return groups
    return _ordered(groups, lambda group: _group_value(query.sort, group), query.is_descending)


def _members(group: Group, query: TableQuery) -> Sequence[Pair]:
    if query.sort in ("", "servers"):
        return group.members
    return _ordered(group.members, lambda pair: _member_value(query.sort, pair, group), query.is_descending)


def _cut(
    groups: Sequence[Group], query: TableQuery, is_open: Callable[[Group], bool], offset: int
) -> Iterator[ShownGroup]:
    end = offset + query.limit
    at = 0
    for group in groups:
        opened = is_open(group)
        first, at = at, at + 1 + (len(group.members) if opened else 0)
        if at <= offset:
            continue
        if first >= end:
            return
        if not opened:
            yield ShownGroup(group, False, (), False)
            continue
        begin = max(0, offset - first - 1)
        members = _members(group, query)[begin : max(0, end - first - 1)]
        yield ShownGroup(group, True, members, first < offset)


_One = TypeVar("_One", Group, Pair)
Value = int | str | tuple[object, ...]


def _ordered(ones: Sequence[_One], value: Callable[[_One], Value | None], is_descending: bool) -> list[_One]:
    """Return `ones` sorted, those without a value last whichever way it goes."""
    values = [(value(item), item) for item in ones]
    known = [(found, value) for found, value in values if found is not None]
    # The values of one column are of one type.
    known.sort(key=lambda pair: pair[0], reverse=is_descending)
    return [value for _, value in known] + [value for found, value in values if found is None]


def _group_value(name: str, group: Group) -> Value | None:
    if name not in WORD_COLUMNS:
        return group_number(name, group)
    if name == "servers":
        return sum(server.state not in SERVING for _, server in group.members)
    entry = group.service
    if entry is None:
        return None if name in ("address", "scheduler") else _host_word(name, group)
    match name:
        case "address":
            return None if entry.key is None else _place(entry)
        case "name":
            return entry.name.casefold() or None
        case "state":
            return entry.state
        case _:
            return entry.scheduler


def _host_word(name: str, group: Group) -> str | None:
    server = group.members[0][1]
    return (server.name.casefold() or None) if name == "name" else server.state


def _member_value(name: str, pair: Pair, group: Group) -> Value | None:
    entry, server = pair
    if name not in WORD_COLUMNS:
        return server_number(name, server)
    match name:
        case "address" if group.service is None:
            return None if entry.key is None else _place(entry)
        case "address":
            return _destination_place(server.key)
        case "name":
            return (server.name if group.service is not None else entry.name).casefold() or None
        case "state":
            return server.state
        case _:
            return None if server.destination is None else int(server.destination.forward)


def _place(entry: ServiceEntry) -> tuple[object, ...]:
    key = entry.key
    assert key is not None  # noqa: S101 - asked before
    packed = key.address.packed if key.address else b""
    return (key.fwmark, int(key.family), packed, key.port, int(key.transport))


def _destination_place(key: DestinationKey | None) -> tuple[object, ...] | None:
    return None if key is None else destination_order(key)
