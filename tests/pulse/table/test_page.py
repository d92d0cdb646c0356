"""The verb "table": the numbers are ipvsadm's, of a real kernel with traffic; and what is read for them."""

import asyncio
from collections.abc import Coroutine, Iterable
from contextlib import nullcontext
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

import pytest

from app.host.ipvs.table import IPVS, Reading, Unread
from app.host.probes.kinds.program import Programs
from app.host.probes.prober import Prober
from app.lvs.ipvs.service_names import endpoint_text
from app.lvs.ipvs.table import ServiceKey
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.values import Floating
from app.lvs.reports.status import PulseReport
from app.lvs.reports.table import GroupReport, MemberReport, TableReport
from app.lvs.table_page.columns import TABS
from app.lvs.table_page.ipvsadm_tables import OPTIONS, large
from app.pulse.events.log import EventLog
from app.pulse.health.keeper import HealthKeeper
from app.pulse.process.owned import OwnedState
from app.pulse.table import page
from app.pulse.table.keeper import TableKeeper
from app.pulse.table.kernel_report import timeout_report
from app.pulse.table.page import TablePage
from tests.pulse.one_director.kernel_table import ipvs, run, same_moment, traffic

pytestmark = pytest.mark.kernel

__all__ = ["ipvs"]

Answer = TypeVar("Answer")
OF_TAB = {"connections": "persistent", "statistics": "stats", "rates": "rate", "thresholds": "thresholds"}


class Asked:
    """Answers the verb with the kernel's table as it is, and counts what is read for it."""

    def __init__(self, kernel: IPVS, directory: Path, config: Config | None = None) -> None:
        self.keeper = TableKeeper(kernel, OwnedState(directory))
        self.config = config
        self.looks = 0
        self.refreshed: list[int] = []

    def __call__(self, **request: Any) -> TableReport:
        return self.all(request)[0]

    def all(self, *requests: dict[str, Any]) -> list[TableReport]:
        """Return the answers to `requests`, in one go."""
        return _run(self._answers(requests))

    async def _answers(self, requests: tuple[dict[str, Any], ...]) -> list[TableReport]:
        health = HealthKeeper(Prober(Programs(Path("/"), "nobody")), lambda: None, EventLog())
        answer = TablePage(lambda: self.keeper, lambda: self.config, health, self._told, self._refresh, dict)
        try:
            return [await answer.answer(request) for request in requests]
        finally:
            await health.stop()

    def _told(self) -> PulseReport:
        told = {"kernel": str(self.keeper.ipvs.version()), "addresses": [], "events": [], "table_read_at": 0.0}
        told["timeouts"] = timeout_report(self.keeper.ipvs)
        return cast(PulseReport, {**dict.fromkeys(get_type_hints(PulseReport), None), "daemons": [], **told})

    def _refresh(self) -> None:
        self.looks += 1
        self.keeper.read_all()


def _run(wanted: Coroutine[Any, Any, Answer]) -> Answer:
    return asyncio.run(wanted)


@pytest.fixture
def asked(ipvs: IPVS, tmp_path: Path) -> Asked:
    made = Asked(ipvs, tmp_path)
    made.keeper.read_all()
    return made


def shown(answer: TableReport, tab: str) -> list[list[str]]:
    """Return the words of each row as ipvsadm prints them: its place, then its numbers."""
    rows = []
    for group in answer["groups"]:
        rows.append([f"{group['protocol']} {group['local']}", *_numbers(group, tab)])
        rows.extend([_place(line), *_numbers(line, tab)] for line in group["lines"])
    return rows


def _place(line: MemberReport) -> str:
    return f"-> {endpoint_text(ip_address(line['address']), line['port'])}"


def _numbers(row: GroupReport | MemberReport, tab: str) -> list[str]:
    found = [row["numbers"][column.name] for column in TABS[tab]]
    return ["–" if number is None else large(number).strip() for number in found]


def printed(table: str) -> list[list[str]]:
    """Return the words of ipvsadm's rows, without headings."""
    rows = []
    for line in run("ipvsadm", *OPTIONS[table].split()).splitlines()[3:]:
        words = line.split()
        end = 3 if words[2:3] == ["IPv6"] else 2
        rows.append([" ".join(words[:end]), *words[end:]])
    return rows


@pytest.mark.parametrize(("tab", "table"), OF_TAB.items())
def test_each_number_of_each_tab_is_what_ipvsadm_prints(asked: Asked, tab: str, table: str) -> None:
    def ours() -> list[str]:
        asked.keeper.read_all()
        return ["\t".join(row) for row in shown(asked(tab=tab, opened="all"), tab)]

    theirs: list[list[str]] = []

    def both() -> list[str]:
        theirs[:] = printed(table)
        return ours()

    # Of rates there is something to compare only while something passes.
    with traffic(asked.keeper.ipvs) if table == "rate" else nullcontext():
        lines, _ = same_moment(both, ["-Ln"])
    rows = [line.split("\t") for line in lines]
    assert len(rows) == len(theirs) == 13
    for mine, row in zip(rows, theirs, strict=True):
        # Of a service ipvsadm prints its own numbers only; where there are none ours are the sums of its servers.
        is_numbered = row[0].startswith("->") or table in ("stats", "rate")
        assert mine == row if is_numbered else mine[0] == row[0]
    assert any(int(number) > 0 for row in theirs for number in row[1:] if number.isdecimal())


def test_weights_and_ways_are_those_of_the_plain_listing(asked: Asked) -> None:
    def ours() -> list[str]:
        asked.keeper.read_all()
        lines = [line for group in asked(opened="all")["groups"] for line in group["lines"]]
        named = ("weight", "active", "inactive")
        return [
            " ".join([_place(line), line["forward"], *(str(line["numbers"][name]) for name in named)])
            for line in lines
        ]

    lines, theirs = same_moment(ours, ["-Ln"])
    assert lines == [" ".join(line.split()) for line in theirs if line.startswith("  -> ")][1:]
    assert {line.split()[2] for line in lines} == {"Tunnel", "Masq", "Route"}


@pytest.mark.parametrize("raw", [*OPTIONS, "saved"])
def test_raw_is_ipvsadms_output_byte_for_byte(asked: Asked, raw: str) -> None:
    options = ["-Sn"] if raw == "saved" else OPTIONS[raw].split()
    ours, theirs = same_moment(lambda: asked(raw=raw, is_whole=True)["raw"], options)
    if raw == "saved":
        # Of marks from 2^31 on ipvsadm writes what it refuses to read again.
        theirs = [line.replace("-f -1 ", f"-f {2**32 - 1} ") for line in theirs]
    assert ours == theirs


def test_a_service_of_nobodys_configuration_is_foreign(asked: Asked) -> None:
    answer = asked()
    assert answer["service_states"] == {"foreign": 6}
    assert {line["state"] for group in answer["groups"] for line in group["lines"]} == {"foreign"}


def test_what_is_configured_has_its_name_and_what_is_only_configured_is_shown_as_that(asked: Asked) -> None:
    def virtual(name: str, address: str, port: int, *servers: RealServer, active: bool = True) -> VirtualServer:
        floating = Floating(ip_address(address), "lo:1")
        return VirtualServer(name=name, active=active, address=floating, port=port, server=servers)

    there = RealServer(name="here", address=ip_address("10.9.1.7"), active=True)
    resting = RealServer(name="resting", address=ip_address("10.9.1.8"), active=False)
    asked.config = Config(
        virtual=(
            virtual("web", "10.9.0.1", 80, there, resting),
            virtual("rested", "10.9.0.1", 443, there, active=False),
            virtual("lost", "10.9.0.1", 8443, there),
        )
    )
    groups = {group["names"][0]: group for group in asked(opened="all")["groups"]}
    found = {line["name"]: (line["state"], line["forward"], line["index"]) for line in groups["web"]["lines"]}
    assert found == {"": ("foreign", "Masq", None), "here": ("unknown", "Tunnel", 0), "resting": ("off", "", 1)}
    assert (groups["rested"]["state"], groups["lost"]["state"]) == ("off", "missing")
    assert [line["state"] for line in groups["lost"]["lines"]] == ["missing"]
    # On ipvsadm's own tabs stands what ipvsadm prints.
    assert "rested" not in {group["names"][0] for group in asked(tab="rates")["groups"]}


def test_places_name_all_that_was_found(asked: Asked) -> None:
    server = RealServer(name="here", address=ip_address("10.9.1.7"), active=True)
    address = Floating(ip_address("10.9.0.1"), "lo:1")
    asked.config = Config(
        virtual=(VirtualServer(name="web", active=True, address=address, port=80, server=(server,)),)
    )
    assert asked(wants_places=True, filter="vs:web")["places"] == [[0, -1], [0, 0]]
    assert asked(wants_places=True, filter="rs:here")["places"] == [[0, -1], [0, 0]]


def test_viewers_within_a_second_cost_one_reading_and_only_of_what_they_see(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[set[ServiceKey]] = []
    real = asked.keeper.ipvs.read_services

    def noted(keys: Iterable[ServiceKey], unread: Unread) -> Reading:
        read.append({*keys})
        return real(read[-1], unread)

    monkeypatch.setattr(asked.keeper.ipvs, "read_services", noted)
    monkeypatch.setattr(page, "FRESH_S", 3600.0)
    asked.all(*[{}] * 50)
    assert read == []
    for key in asked.keeper.read_times:
        asked.keeper.read_times[key] = -7200.0
    asked.all(*[{"filter": "port:99"}] * 50)
    assert [len(keys) for keys in read] == [1]
    assert asked.looks == 0
