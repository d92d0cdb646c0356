"""The screen of `palometa top`: turns a report and the user's choices into lines of text. Knows no terminal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.lvs.reports.status import CountersReport, DestinationReport, ServiceReport, StatusReport
from app.lvs.table_page.ipvsadm_tables import large, remote, service_head

Style = Literal["plain", "title", "selected", "warning", "dim"]
Sorting = Literal["cps", "inpps", "outpps", "inbps", "outbps", "active", "name"]

_NUMBERS: Mapping[Sorting, Callable[[CountersReport], int]] = {
    "cps": lambda counters: counters["connections_per_s"],
    "inpps": lambda counters: counters["packets_in_per_s"],
    "outpps": lambda counters: counters["packets_out_per_s"],
    "inbps": lambda counters: counters["bytes_in_per_s"],
    "outbps": lambda counters: counters["bytes_out_per_s"],
}
TITLES: Mapping[Sorting, str] = {
    "cps": "CPS",
    "inpps": "InPPS",
    "outpps": "OutPPS",
    "inbps": "InBPS",
    "outbps": "OutBPS",
    "active": "ActiveConn",
    "name": "Name",
}
SORT_KEYS: Mapping[str, Sorting] = {
    "c": "cps",
    "i": "inpps",
    "o": "outpps",
    "b": "inbps",
    "B": "outbps",
    "a": "active",
    "n": "name",
}
HELP = "q quit  p pause  sort: c i o b B a n, r reverse  up/down, enter servers, e all"
WIDE = 104
"""From this many columns on, the current connections are shown next to the rates."""
_FRAME_LINES = 4
_CELL = 9

ServiceName = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class ScreenLine:
    text: str
    style: Style = "plain"


@dataclass(slots=True)
class View:
    """The user's choices. `selected` is the service under the cursor, `first` the first line on the screen."""

    sorting: Sorting = "cps"
    is_reversed: bool = False
    is_paused: bool = False
    is_all: bool = False
    expanded: set[ServiceName] = field(default_factory=set)
    selected: ServiceName | None = None
    first: int = 0

    def press(self, key: str, services: list[ServiceReport], page: int = 10) -> None:
        """Handle a key: a character, or ``up``, ``down``, ``pageup``, ``pagedown``; ignore others."""
        if key in SORT_KEYS:
            self.sorting = SORT_KEYS[key]
        elif key == "r":
            self.is_reversed = not self.is_reversed
        elif key in ("p", " "):
            self.is_paused = not self.is_paused
        elif key == "e":
            self.is_all = not self.is_all
            self.expanded.clear()
        elif key in ("\n", "\r") and self.selected is not None:
            self.expanded ^= {self.selected}
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -page, "pagedown": page}
        if key in steps:
            self._move(steps[key], services)

    def is_open(self, service: ServiceReport) -> bool:
        """Return whether the servers of `service` are shown."""
        return self.is_all != (name_of(service) in self.expanded)

    def _move(self, step: int, services: list[ServiceReport]) -> None:
        names = [name_of(service) for service in ordered(services, self)]
        if not names:
            return
        here = names.index(self.selected) if self.selected in names else -1 if step > 0 else 0
        self.selected = names[min(max(here + step, 0), len(names) - 1)]


def name_of(service: ServiceReport) -> ServiceName:
    """Return the key that identifies a service."""
    return (service["protocol"], service["family"], service_head(service))


def ordered(services: list[ServiceReport], view: View) -> list[ServiceReport]:
    """Return the services in the order of `view`: numbers descending, names ascending."""
    if view.sorting == "name":
        return sorted(services, key=_named, reverse=view.is_reversed)
    return sorted(services, key=lambda service: _number(service, view.sorting), reverse=not view.is_reversed)


def screen(report: StatusReport, view: View, width: int, height: int, notice: str = "") -> list[ScreenLine]:
    """Return the lines that fill a terminal of `width` by `height`; `notice` is a problem to show."""
    body, selected = _body(report, view, width)
    room = max(height - _FRAME_LINES, 1)
    if selected is not None:
        view.first = min(max(view.first, selected - room + 1), selected)
    view.first = max(0, min(view.first, len(body) - room))
    shown = body[view.first : view.first + room]
    warning = notice or next(
        iter([*report["trouble"], *(refused["message"] for refused in report["refused"])]), ""
    )
    lines = [
        ScreenLine(_cut(_summary(report, view), width), "title"),
        ScreenLine(_cut(warning, width), "warning"),
        ScreenLine(_cut(_titles(width), width), "title"),
        *shown,
        *[ScreenLine("")] * (room - len(shown)),
        ScreenLine(_cut(HELP, width), "dim"),
    ]
    return lines[:height]


def _body(report: StatusReport, view: View, width: int) -> tuple[list[ScreenLine], int | None]:
    lines: list[ScreenLine] = []
    selected = None
    for service in ordered(report["services"], view):
        is_selected = name_of(service) == view.selected
        if is_selected:
            selected = len(lines)
        name = service["owner"] if service["owner"] is not None else "(unmanaged)"
        active = sum(destination["active"] for destination in service["destinations"])
        inactive = sum(destination["inactive"] for destination in service["destinations"])
        text = _row(f"{service_head(service)} {name}", service["counters"], active, inactive, width)
        lines.append(ScreenLine(text, "selected" if is_selected else "plain"))
        if view.is_open(service):
            lines.extend(_server(destination, width) for destination in service["destinations"])
    return lines or [ScreenLine("The table is empty: no virtual server is active.", "dim")], selected


def _server(destination: DestinationReport, width: int) -> ScreenLine:
    head = (
        f"  -> {remote(destination)} {destination['name'] or ''}{'' if destination['weight'] else ' (weight 0)'}"
    )
    style: Style = "plain" if destination["weight"] else "dim"
    return ScreenLine(
        _row(head, destination["counters"], destination["active"], destination["inactive"], width), style
    )


def _row(head: str, counters: CountersReport, active: int, inactive: int, width: int) -> str:
    cells = "".join(large(choose(counters)) for choose in _NUMBERS.values())
    if width >= WIDE:
        cells += f"{active:>11}{inactive:>10}"
    return _cut(f"{_cut(head, _head_width(width)):<{_head_width(width)}}{cells}", width)


def _titles(width: int) -> str:
    titles = "".join(f"{TITLES[name]:>{_CELL}}" for name in _NUMBERS)
    if width >= WIDE:
        titles += f"{'ActiveConn':>11}{'InActConn':>10}"
    return f"{_cut('Prot LocalAddress:Port Name', _head_width(width)):<{_head_width(width)}}{titles}"


def _summary(report: StatusReport, view: View) -> str:
    services = report["services"]
    total = sum(service["counters"]["connections_per_s"] for service in services)
    active = sum(server["active"] for service in services for server in service["destinations"])
    paused = "PAUSED  " if view.is_paused else ""
    return (
        f"{paused}pulse {report['version']}  {len(services)} services  {total} conn/s  {active} active  "
        f"by {TITLES[view.sorting]}{' reversed' if view.is_reversed else ''}"
    )


def _named(service: ServiceReport) -> tuple[bool, str]:
    return service["owner"] is None, (service["owner"] or "").casefold()


def _number(service: ServiceReport, sorting: Sorting) -> int:
    if sorting == "active":
        return sum(destination["active"] for destination in service["destinations"])
    return _NUMBERS[sorting](service["counters"])


def _head_width(width: int) -> int:
    return max(width - _CELL * len(_NUMBERS) - (21 if width >= WIDE else 0), 8)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"
