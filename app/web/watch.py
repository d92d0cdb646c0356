"""How somebody watches the routing table: whether it updates by itself, how often, which part, which form."""

from dataclasses import dataclass
from typing import Literal

from werkzeug.datastructures import MultiDict

from app.lvs.ipvsadm_tables import TABLES

RATES_S = (2, 5, 10)
FIRST_RATE_S = 5
PIRANHA_RATE_S = 10
RATE_MAX_S = 3600
FILTER_MAX = 200


@dataclass(frozen=True, slots=True)
class Watch:
    """The choices, as the page's address holds them. `page` counts from 1; `raw` is one of ipvsadm's tables."""

    auto_update: bool = True
    rate_s: int = FIRST_RATE_S
    filter: str = ""
    view: Literal["table", "raw"] = "table"
    page: int = 1
    raw: str = "plain"

    @property
    def rates_s(self) -> tuple[int, ...]:
        """The update intervals to choose from."""
        return tuple(sorted({*RATES_S, self.rate_s}))


def read_watch(arguments: MultiDict[str, str]) -> Watch:
    """Return the choices in `arguments`, the words being those of Piranha's control.php.

    A page opened without any choice updates by itself. An empty or unusable rate becomes 10 seconds, as there.
    """
    is_chosen = "rate" in arguments or "auto_update" in arguments
    return Watch(
        auto_update=arguments.get("auto_update") == "1" if is_chosen else True,
        rate_s=_rate(arguments.get("rate", "")) if is_chosen else FIRST_RATE_S,
        filter=arguments.get("filter", "").strip()[:FILTER_MAX],
        view="raw" if arguments.get("view") == "raw" else "table",
        page=_number(arguments.get("page", ""), 1) or 1,
        raw=arguments["raw"] if arguments.get("raw") in TABLES else "plain",
    )


def _rate(text: str) -> int:
    rate_s = _number(text, PIRANHA_RATE_S)
    return min(rate_s, RATE_MAX_S) if rate_s >= min(RATES_S) else PIRANHA_RATE_S


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else otherwise
