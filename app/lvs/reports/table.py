"""The answer to the verb ``table``: one page of the routing table as a JSON document, as types.

None for a number: there is none, as of a server that is not in the kernel. Times are seconds since the epoch.
"""

from typing import NotRequired, TypedDict

from app.lvs.reports.status import PulseReport, ServerReport

Numbers = dict[str, int | None]
"""What stands in the columns of the tab (`app/lvs/table_page/columns.py`), by their names."""


class MemberReport(TypedDict):
    """A real server of a service.

    `service` is the key of its service, `owner` and `position` the virtual server's, `index` its own place in the
    configuration (None: not configured). `forward` is ipvsadm's word, empty: not in the kernel. `health` None: it
    is not checked by us. `missing` says why the kernel does not have it although it should, empty: it is not so.
    """

    key: str
    service: str
    owner: str
    position: int | None
    index: int | None
    name: str
    address: str
    port: int
    forward: str
    state: str
    numbers: Numbers
    health: ServerReport | None
    missing: NotRequired[str]


class GroupReport(TypedDict):
    """A service, or with `host` a machine in all its services; then what is a service's own is empty.

    `local` is what ipvsadm prints under LocalAddress:Port. `up` of `of` servers serve. `members` is how many the
    filter leaves, `lines` those that are on the page; `is_continued`: the first stand on the page before.
    `is_in_kernel`: of a host, whether any of it is.
    """

    key: str
    host: str
    names: list[str]
    position: int | None
    protocol: str
    local: str
    scheduler: str
    flags: str
    state: str
    up: int
    of: int
    is_in_kernel: bool
    is_out_silent: bool
    numbers: Numbers
    is_open: bool
    is_continued: bool
    members: int
    lines: list[MemberReport]


class TableReport(PulseReport):
    """Pulse's own part, and one page of the table.

    Of events and addresses the last and the ones in trouble only; `addresses_up` of `addresses_of` are up.
    `read_at` is when the oldest of what is shown was read. `lines`, `*_found` are counted after the filter,
    `services`, `servers` and the states before it. `per_s` are the sums over all services. `places` are, where
    asked for, [position, index] of everything configured that was found, index -1 being the virtual server itself.
    `raw` are lines of ipvsadm's output from `offset` on, of `lines` in all, where that is asked for instead.
    """

    addresses_up: int
    addresses_of: int
    read_at: float
    groups: list[GroupReport]
    lines: int
    offset: int
    services: int
    servers: int
    services_found: int
    servers_found: int
    service_states: dict[str, int]
    server_states: dict[str, int]
    per_s: Numbers
    raw: list[str]
    places: list[list[int]]
