"""The selected view of the routing table: tab, rows, order, update interval."""

from dataclasses import dataclass, replace
from typing import Any, Literal, cast
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from app.lvs.table_page.columns import SORTS, TABS
from app.lvs.table_page.query import RAW_LINES_A_PAGE, RAWS, TOGGLED_MAX, QueryDocument
from app.lvs.table_page.view import LINES_A_PAGE

RATES_S = (2, 5, 10)
FIRST_RATE_S = 5
PIRANHA_RATE_S = 10
RATE_MAX_S = 3600
FILTER_MAX = 200
TOGGLE_MAX = 80
TOGGLES_LENGTH_MAX = 1500
"""In an address, which must not become longer than the server accepts."""

RAW_OF_VIEW = {"timeouts": "timeouts", "sync": "daemon"}
"""The tabs without rows, which show a table of ipvsadm."""
VIEWS = (*TABS, *RAW_OF_VIEW, "raw")


@dataclass(frozen=True, slots=True)
class TableOptions:
    """The options, as the page's address holds them. `page` counts from 1; `raw` is one of ipvsadm's tables.

    `toggled` are the rows that differ from `opened`; `with_names`: host names are displayed.
    """

    auto_update: bool = True
    rate_s: int = FIRST_RATE_S
    filter: str = ""
    view: str = "overview"
    page: int = 1
    raw: str = "plain"
    sort: str = ""
    is_descending: bool = False
    group: Literal["service", "host"] = "service"
    opened: Literal["auto", "all", "none"] = "auto"
    toggled: tuple[str, ...] = ()
    with_names: bool = False

    @property
    def rates_s(self) -> tuple[int, ...]:
        """The update intervals offered."""
        return tuple(sorted({*RATES_S, self.rate_s}))

    @property
    def has_rows(self) -> bool:
        """Whether the tab shows services and servers."""
        return self.view in TABS

    @property
    def lines_a_page(self) -> int:
        """The number of lines on a page of this tab."""
        return LINES_A_PAGE if self.has_rows else RAW_LINES_A_PAGE

    def question(self) -> QueryDocument:
        """Return the request to pulse for this view."""
        return QueryDocument(
            tab=self.view if self.has_rows else "overview",
            filter=self.filter,
            sort=self.sort,
            is_descending=self.is_descending,
            group=self.group,
            opened=self.opened,
            toggled=self.toggled,
            offset=(self.page - 1) * self.lines_a_page,
            raw="" if self.has_rows else RAW_OF_VIEW.get(self.view, self.raw),
        )

    def toggling(self, key: str) -> "TableOptions":
        """Return the options with one row expanded or collapsed."""
        if key in self.toggled:
            return replace(self, toggled=tuple(name for name in self.toggled if name != key))
        return replace(self, toggled=_kept_short((*self.toggled, key)))

    def address(self) -> dict[str, Any]:
        """Return the options as the arguments of an address, without the defaults."""
        chosen: dict[str, Any] = {"rate": self.rate_s}
        if self.auto_update:
            chosen["auto_update"] = 1
        usual = TableOptions()
        for name, value in (
            ("filter", self.filter),
            ("view", self.view),
            ("raw", self.raw),
            ("group", self.group),
            ("opened", self.opened),
            ("page", self.page),
        ):
            if value != getattr(usual, name):
                chosen[name] = value
        if self.sort:
            chosen["sort"] = f"-{self.sort}" if self.is_descending else self.sort
        if self.toggled:
            chosen["toggle"] = list(self.toggled)
        if self.with_names:
            chosen["names"] = 1
        return chosen


def read_watch(arguments: MultiDict[str, str]) -> TableOptions:
    """Return the options in `arguments`, named as in Piranha's control.php.

    A page opened without any option updates automatically. A missing or invalid rate becomes 10 seconds, as there.
    """
    is_chosen = "rate" in arguments or "auto_update" in arguments
    sort = arguments.get("sort", "")
    toggled = tuple(dict.fromkeys(key for key in arguments.getlist("toggle") if 0 < len(key) <= TOGGLE_MAX))
    return TableOptions(
        auto_update=arguments.get("auto_update") == "1" if is_chosen else True,
        rate_s=_rate(arguments.get("rate", "")) if is_chosen else FIRST_RATE_S,
        filter=arguments.get("filter", "").strip()[:FILTER_MAX],
        view=_one_of(VIEWS, arguments.get("view", "")),
        page=_number(arguments.get("page", ""), 1) or 1,
        raw=_one_of(RAWS, arguments.get("raw", "")),
        sort=sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "",
        is_descending=sort.startswith("-"),
        group="host" if arguments.get("group") == "host" else "service",
        opened=cast(
            'Literal["auto", "all", "none"]', _one_of(("auto", "all", "none"), arguments.get("opened", ""))
        ),
        toggled=_kept_short(toggled),
        with_names=arguments.get("names") == "1",
    )


def read_query(text: str) -> TableOptions:
    """Return the options in a query string."""
    return read_watch(MultiDict(parse_qsl(text)))


def _kept_short(toggled: tuple[str, ...]) -> tuple[str, ...]:
    """Return the last of `toggled`, as many as an address can hold."""
    kept = list(toggled[-TOGGLED_MAX:])
    while sum(map(len, kept)) > TOGGLES_LENGTH_MAX:
        del kept[0]
    return tuple(kept)


def _one_of(choices: tuple[str, ...], text: str) -> str:
    return text if text in choices else choices[0]


def _rate(text: str) -> int:
    rate_s = _number(text, PIRANHA_RATE_S)
    return min(rate_s, RATE_MAX_S) if rate_s >= min(RATES_S) else PIRANHA_RATE_S


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else otherwise
