"""The columns of CONTROL/MONITORING in ipvsadm's words: which tab has which, and the number that stands in one."""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from app.lvs.ipvs.counters import Counters, DestinationCounters
from app.lvs.ipvs.table import Destination
from app.lvs.table_page.rows import ServerEntry, ServiceEntry


class Column(NamedTuple):
    """A column of numbers: its name in the address of a page, ipvsadm's word, and what it says."""

    name: str
    title: str
    explained: str


_COLUMNS = {
    column.name: column
    for column in (
        Column("weight", "Weight", "share of new connections; for a service, the sum of its servers"),
        Column("active", "ActiveConn", "established connections"),
        Column("inactive", "InActConn", "connections in any other state: opening, closing, UDP"),
        Column("persist", "PersistConn", "clients held to their server by persistence"),
        Column("conns", "Conns", "connections since the entry was added"),
        Column("inpkts", "InPkts", "packets from clients since the entry was added"),
        Column("outpkts", "OutPkts", "packets to clients since the entry was added"),
        Column("inbytes", "InBytes", "bytes from clients since the entry was added"),
        Column("outbytes", "OutBytes", "bytes to clients since the entry was added"),
        Column("cps", "CPS", "new connections per second, the kernel's estimate over about 2 s"),
        Column("inpps", "InPPS", "packets per second from clients, the kernel's estimate"),
        Column("outpps", "OutPPS", "packets per second to clients, the kernel's estimate"),
        Column("inbps", "InBPS", "bytes per second from clients, the kernel's estimate"),
        Column("outbps", "OutBPS", "bytes per second to clients, the kernel's estimate"),
        Column(
            "upper",
            "Uthreshold",
            ("number of connections at which the server stops receiving new ones; 0: no limit"),
        ),
        Column(
            "lower",
            "Lthreshold",
            ("number of connections below which it receives new ones again; 0: ¾ of the upper threshold"),
        ),
    )
}


def _tab(*names: str) -> tuple[Column, ...]:
    return tuple(_COLUMNS[name] for name in names)


TABS: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {
        "overview": _tab("weight", "active", "inactive", "cps", "inbps", "outbps"),
        "connections": _tab("weight", "persist", "active", "inactive"),
        "statistics": _tab("conns", "inpkts", "outpkts", "inbytes", "outbytes"),
        "rates": _tab("cps", "inpps", "outpps", "inbps", "outbps"),
        "thresholds": _tab("upper", "lower", "active", "inactive"),
    }
)
"""The numbers of each tab that has rows, in the order of ipvsadm."""

WORD_COLUMNS = ("address", "name", "state", "servers", "scheduler")
"""The columns of words, by which rows may be sorted as well."""

SORTS = (*WORD_COLUMNS, *_COLUMNS)

OUT_COLUMNS = frozenset(("outpkts", "outbytes", "outpps", "outbps"))
"""Those that stay 0 where replies do not come back through this director."""

_SETTINGS: Mapping[str, Callable[[Destination], int]] = {
    "weight": attrgetter("weight"),
    "upper": attrgetter("upper_threshold"),
    "lower": attrgetter("lower_threshold"),
}
_NOW: Mapping[str, Callable[[DestinationCounters], int]] = {
    "active": attrgetter("active"),
    "inactive": attrgetter("inactive"),
    "persist": attrgetter("persistent"),
}
_TOTALS: Mapping[str, Callable[[Counters], int]] = {
    "conns": attrgetter("connections"),
    "inpkts": attrgetter("packets_in"),
    "outpkts": attrgetter("packets_out"),
    "inbytes": attrgetter("bytes_in"),
    "outbytes": attrgetter("bytes_out"),
    "cps": attrgetter("connections_per_s"),
    "inpps": attrgetter("packets_in_per_s"),
    "outpps": attrgetter("packets_out_per_s"),
    "inbps": attrgetter("bytes_in_per_s"),
    "outbps": attrgetter("bytes_out_per_s"),
}


def server_number(name: str, server: ServerEntry) -> int | None:
    """Return what stands in column `name` of a real server; None: it is not in the kernel."""
    if server.destination is None or server.counted is None:
        return None
    if name in _SETTINGS:
        return _SETTINGS[name](server.destination)
    if name in _NOW:
        return _NOW[name](server.counted)
    return _TOTALS[name](server.counted.totals)


def service_number(name: str, entry: ServiceEntry) -> int | None:
    """Return what stands in column `name` of a service: the kernel's own number, else the sum of its servers.

    None: there is no such number of a service.
    """
    if entry.totals is None or name in ("upper", "lower"):
        return None
    if name in _TOTALS:
        return _TOTALS[name](entry.totals)
    return added_up(name, entry.servers)


def added_up(name: str, servers: Iterable[ServerEntry]) -> int | None:
    """Return the sum of column `name` over `servers`; None: there is none."""
    if name in ("upper", "lower"):
        return None
    numbers = [number for server in servers if (number := server_number(name, server)) is not None]
    return sum(numbers) if numbers else None
