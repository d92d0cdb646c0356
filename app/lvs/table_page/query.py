"""The question of the verb ``table``, as the web part asks it and pulse takes it: one reader and one writer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.lvs.table_page.columns import SORTS, TABS
from app.lvs.table_page.filter import parse_filter
from app.lvs.table_page.ipvsadm_tables import TABLES
from app.lvs.table_page.view import LINES_A_PAGE, TableQuery

SAVED = "saved"
"""The table that is no listing: what ``ipvsadm -Sn`` prints."""
RAWS = (*TABLES, SAVED)
RAW_LINES_A_PAGE = 1000
TEXT_MAX = 1000
TOGGLED_MAX = 100
OFFSET_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True)
class QueryDocument:
    """`raw` names a table of ipvsadm's that is wanted instead of rows, empty: rows. `is_whole`: all of its lines.

    `tab` says which numbers; `wants_places`: what was found is to be named, too.
    """

    tab: str = "overview"
    filter: str = ""
    sort: str = ""
    is_descending: bool = False
    group: Literal["service", "host"] = "service"
    opened: Literal["auto", "all", "none"] = "auto"
    toggled: tuple[str, ...] = field(default=())
    offset: int = 0
    raw: str = ""
    is_whole: bool = False
    wants_places: bool = False

    def query(self) -> TableQuery:
        """Return which rows are asked for."""
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
        """Return the question as it goes over the socket."""
        return {
            "tab": self.tab,
            "filter": self.filter,
            "sort": self.sort,
            "is_descending": self.is_descending,
            "group": self.group,
            "opened": self.opened,
            "toggled": list(self.toggled),
            "offset": self.offset,
            "raw": self.raw,
            "is_whole": self.is_whole,
            "wants_places": self.wants_places,
        }


def read_question(document: Mapping[str, Any]) -> QueryDocument:
    """Return the question `document` asks, what is left out as usual; raise ValueError with what is accepted."""
    usual = QueryDocument()
    asked = {name: document.get(name, value) for name, value in usual.document().items()}
    for name, choices in _CHOICES.items():
        if asked[name] not in choices:
            raise ValueError(
                f"'{name}' must be one of {', '.join(choice or 'an empty string' for choice in choices)}"
            )
    for name in ("is_descending", "is_whole", "wants_places"):
        if not isinstance(asked[name], bool):
            raise ValueError(f"'{name}' must be true or false")
    text, offset, toggled = asked["filter"], asked["offset"], asked["toggled"]
    if not isinstance(text, str) or len(text) > TEXT_MAX:
        raise ValueError(f"'filter' must be a string of at most {TEXT_MAX} characters")
    if type(offset) is not int or not 0 <= offset <= OFFSET_MAX:
        raise ValueError(f"'offset' must be a number from 0 to {OFFSET_MAX}")
    is_list = isinstance(toggled, list) and all(isinstance(name, str) for name in toggled)
    if not is_list or len(toggled) > TOGGLED_MAX:
        raise ValueError(f"'toggled' must be a list of at most {TOGGLED_MAX} strings")
    return QueryDocument(**{**asked, "toggled": tuple(toggled)})


_CHOICES: Mapping[str, tuple[str, ...]] = {
    "tab": tuple(TABS),
    "sort": ("", *SORTS),
    "group": ("service", "host"),
    "opened": ("auto", "all", "none"),
    "raw": ("", *RAWS),
}
