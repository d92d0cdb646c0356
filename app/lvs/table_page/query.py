"""The request of the verb ``table``, written by the web part and read by pulse."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from app.lvs.reports.document import read_document
from app.lvs.table_page.columns import SORTS, TABS
from app.lvs.table_page.filter import parse_filter
from app.lvs.table_page.ipvsadm_tables import TABLES
from app.lvs.table_page.view import LINES_A_PAGE, TableQuery

SAVED = "saved"
"""The output of ``ipvsadm -Sn``, which is not a listing."""
RAWS = (*TABLES, SAVED)
RAW_LINES_A_PAGE = 1000
TEXT_MAX = 1000
TOGGLED_MAX = 100
OFFSET_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True)
class QueryDocument:
    """`raw` names one of ipvsadm's tables to return instead of rows, empty: rows. `is_whole`: all of its lines.

    `tab` says which numbers to return; `wants_places`: also where the filter matches.
    """

    tab: str = "overview"
    filter: str = ""
    sort: str = ""
    is_descending: bool = False
    group: Literal["service", "host"] = "service"
    opened: Literal["auto", "all", "none"] = "auto"
    toggled: tuple[str, ...] = ()
    offset: int = 0
    raw: str = ""
    is_whole: bool = False
    wants_places: bool = False

    def query(self) -> TableQuery:
        """Return which rows are requested."""
        return TableQuery(
            filter=parse_filter(self.filter),
            sort=self.sort,
            is_descending=self.is_descending,
            group=self.group,
            opened=self.opened,
            toggled=frozenset(self.toggled),
            offset=self.offset,
            limit=LINES_A_PAGE,
            is_kernel_only=self.tab != "overview",
        )

    def document(self) -> dict[str, Any]:
        """Return the request as it goes over the socket."""
        return asdict(self)


def read_query_document(document: Mapping[str, Any]) -> QueryDocument:
    """Return the request that `document` is; raise ValueError, which says what is accepted.

    Missing fields have their defaults, unknown ones are ignored.
    """
    for name, choices in _CHOICES.items():
        if name in document and document[name] not in choices:
            raise ValueError(
                f"'{name}' must be one of {', '.join(choice or 'an empty string' for choice in choices)}"
            )
    try:
        query = read_document(document, QueryDocument)
    except ValueError as error:
        raise ValueError(f"Invalid table request: {error}") from error
    if len(query.filter) > TEXT_MAX:
        raise ValueError(f"'filter' may have at most {TEXT_MAX} characters, not {len(query.filter)}")
    if len(query.toggled) > TOGGLED_MAX:
        raise ValueError(f"'toggled' may name at most {TOGGLED_MAX} rows, not {len(query.toggled)}")
    if not 0 <= query.offset <= OFFSET_MAX:
        raise ValueError(f"'offset' must be from 0 to {OFFSET_MAX}, not {query.offset}")
    return query


_CHOICES: Mapping[str, tuple[str, ...]] = {
    "tab": tuple(TABS),
    "sort": ("", *SORTS),
    "group": ("service", "host"),
    "opened": ("auto", "all", "none"),
    "raw": ("", *RAWS),
}
