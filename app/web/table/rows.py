"""The rows of the routing table as the page renders them: their texts, badges and addresses."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from app.lvs.ipvs.service_names import host_port
from app.lvs.reports.table import GroupReport, MemberReport, Numbers, TableReport
from app.lvs.table_page.columns import TABS, Column
from app.lvs.table_page.ipvsadm_tables import large
from app.web.frame.badges import Badge, state_badge
from app.web.frame.current import current
from app.web.frame.filters import UNKNOWN
from app.web.status.server_health import ServerHealth, shown_health
from app.web.table.row_ids import RowIds
from app.web.table.view_options import TableOptions

EXACT_FROM = 100_000_000
"""From here on ipvsadm shortens a number; the exact one is its tooltip."""
_UNMANAGED = "foreign"
_NEED_NO_REASON = frozenset(("up", "unchecked"))
"""States of a server that need no reason next to them."""


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """The heading of a column: the address that sorts by it, and how it is sorted now, for aria-sort."""

    title: str
    href: str
    order: str
    explained: str = ""
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class NumberCell:
    """A number as ipvsadm prints it; `exact` where that is shortened."""

    title: str
    text: str
    exact: int | None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A real server of a service, or a service of a host. `pick` selects it, empty: it cannot be selected."""

    key: str
    pick: str
    label: str
    endpoint: str
    host_name: str
    name: str
    health: ServerHealth
    badge: Badge
    reason: str
    forward: str
    is_idle: bool
    cells: tuple[NumberCell, ...]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A service, or a host, with its rows. `name_href` empty: the name is no link; `badge` None: unmanaged."""

    report: GroupReport
    pick: str
    label: str
    title: str
    host_name: str
    name: str
    name_href: str
    badge: Badge | None
    servers: str
    scheduler: str
    cells: tuple[NumberCell, ...]
    members: tuple[MemberRow, ...]


def column_heads(options: TableOptions) -> list[ColumnHead]:
    """Return the headings of the tab that `options` show."""
    is_by_service = options.group == "service"
    words = [
        ("address", "Prot LocalAddress:Port" if is_by_service else "RemoteAddress", ""),
        ("name", "Name", ""),
        ("state", "State", ""),
        ("scheduler", "Scheduler Flags / Forward", ""),
    ]
    if options.view == "overview":
        words.insert(
            3,
            (
                "servers",
                "Servers / Check",
                "how many of its servers are in rotation; how long the last check took",
            ),
        )
    heads = [ColumnHead(title, *_sorting(options, name), explained) for name, title, explained in words]
    return heads + [
        ColumnHead(column.title, *_sorting(options, column.name), column.explained, is_number=True)
        for column in TABS.get(options.view, ())
    ]


def group_rows(options: TableOptions, report: TableReport) -> list[GroupRow]:
    """Return the rows on the page."""
    ids = RowIds(report["applied"])
    columns = TABS.get(options.view, ())
    return [_group(group, ids, columns, options.with_names) for group in report["groups"]]


def page_link(options: TableOptions, **changed: Any) -> str:
    """Return the address of CONTROL/MONITORING with `options`, `changed` applied."""
    return url_for("monitoring.page", **replace(options, **changed).address())


def _group(group: GroupReport, ids: RowIds, columns: Iterable[Column], with_names: bool) -> GroupRow:
    virtual_id = ids.virtual(group["position"])
    names, host, is_unmanaged = group["names"], group["host"], group["state"] == _UNMANAGED
    first_name = names[0] if names else ""
    title = host or group["local"] or first_name
    service_pick = f"v{virtual_id}" if virtual_id else ""
    return GroupRow(
        group,
        f"h{host}" if host else service_pick,
        first_name or title,
        title,
        _host_name(host, with_names),
        (", ".join(names) or UNKNOWN) if host else first_name,
        _name_href(host, virtual_id),
        None if is_unmanaged else state_badge(group["state"], is_service=not host),
        str(group["members"]) if is_unmanaged else f"{group['up']} of {group['of']}",
        f"{group['scheduler']} {group['flags']}",
        _cells(columns, group["numbers"]),
        tuple(_member(member, group, ids, columns, with_names) for member in group["lines"]),
    )


def _member(
    member: MemberReport, group: GroupReport, ids: RowIds, columns: Iterable[Column], with_names: bool
) -> MemberRow:
    server_id = ids.server(member["position"], member["index"])
    remote = host_port(member["address"], member["port"]) if member["address"] else ""
    is_of_host = bool(group["host"])
    health, state = shown_health(member["health"]), member["state"]
    return MemberRow(
        f"{member['service'] if is_of_host else ''} {member['key']}",
        f"r{server_id}" if server_id else "",
        f"{member['name'] or remote} of {member['owner'] or member['service']}",
        member["service"] if is_of_host else remote or UNKNOWN,
        "" if is_of_host else _host_name(member["address"], with_names),
        member["owner"] if is_of_host else member["name"],
        health,
        state_badge(state),
        _reason(state, health, member.get("missing", "")),
        member["forward"] or "not in the table",
        not member["forward"] or state == "drain",
        _cells(columns, member["numbers"]),
    )


def _reason(state: str, health: ServerHealth, missing: str) -> str:
    """Return why a server is in `state`, where that is not plain; `missing`: why the kernel does not have it."""
    if state == "idle":
        return "" if health.held else missing or "the kernel has it at weight 0"
    if state == "missing":
        return missing or "the kernel does not have it"
    return "" if state in _NEED_NO_REASON else health.why


def _name_href(host: str, virtual_id: int | None) -> str:
    if host:
        return url_for("host.page", address=host)
    return url_for("virtual_server.page", row_id=virtual_id) if virtual_id else ""


def _host_name(address: str, with_names: bool) -> str:
    return current.host_names.of(address) if address and with_names else ""


def _cells(columns: Iterable[Column], numbers: Numbers) -> tuple[NumberCell, ...]:
    return tuple(_cell(column.title, numbers[column.name]) for column in columns)


def _cell(title: str, number: int | None) -> NumberCell:
    if number is None:
        return NumberCell(title, UNKNOWN, None)
    return NumberCell(title, large(number).strip(), number if number >= EXACT_FROM else None)


def _sorting(options: TableOptions, name: str) -> tuple[str, str]:
    """Return the address that sorts by the column `name`, and its present order for aria-sort.

    Numbers start with the largest, words with the first; the third click restores ipvsadm's order.
    """
    is_number = any(column.name == name for column in TABS.get(options.view, ()))
    first = is_number or name == "servers"
    if options.sort != name:
        changed: dict[str, Any] = {"sort": name, "is_descending": first}
    elif options.is_descending is first:
        changed = {"sort": name, "is_descending": not first}
    else:
        changed = {"sort": "", "is_descending": False}
    order = ("descending" if options.is_descending else "ascending") if options.sort == name else ""
    return page_link(replace(options, page=1), **changed), order
