"""GRAPHS: of the director, of a service and of a server, drawn by the server and told in words."""

import re
from datetime import UTC, datetime

import pytest

from app.lvs.model.config import RealServer, VirtualServer
from app.lvs.reports.history import PointReport
from app.settings import Settings
from app.store import Store
from app.web.live.graph_series import POINTS_MAX, ROWS_MAX, charts, rows, shares
from app.web.live.graphs import RANGES
from tests.web.clusters import save_cluster
from tests.web.page_text import text_of
from tests.web.past_double import point
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

SERVICE = "tcp 192.168.26.10:443"


def test_the_director_has_four_charts_with_units_and_a_table_of_the_same(
    admin: Person, pulse: PulseDouble
) -> None:
    page = admin.get("/graphs").text
    for title in ("New connections per second", "Connections", "Packets per second", "Bytes per second"):
        assert f">{title}</b>" in page
    assert page.count('role="img"') == 4
    assert "New/s ActiveConn InActConn InPPS OutPPS InBPS OutBPS" in text_of(page)
    assert pulse.history_asked == [{"verb": "history", "service": "", "server": "", "span_s": 3600}]


@pytest.mark.parametrize("name", RANGES)
def test_each_range_can_be_chosen_and_is_asked_for(admin: Person, pulse: PulseDouble, name: str) -> None:
    page = admin.get(f"/graphs?range={name}").text
    assert pulse.history_asked[0]["span_s"] == RANGES[name][0]
    assert page.count('aria-current="true"') == 1
    assert page.count("<tr>") <= ROWS_MAX + 1


def test_an_unknown_range_is_the_first_one(admin: Person, pulse: PulseDouble) -> None:
    admin.get("/graphs?range=%3Cscript%3E")
    assert pulse.history_asked[0]["span_s"] == 3600


def test_a_gap_is_drawn_as_a_gap_and_written_as_not_known(admin: Person, pulse: PulseDouble) -> None:
    page = admin.get("/graphs").text
    paths = re.findall(r'class="line first" d="(M4[^"]*)"', page)
    assert [path.count("M") for path in paths] == [2, 2, 2, 2]
    assert '<td class="number">–</td>' in page


def test_a_service_shows_the_share_of_each_server(admin: Person, pulse: PulseDouble) -> None:
    page = admin.get(f"/graphs?service={SERVICE}").text
    text = text_of(page)
    assert "SERVICE shop https tcp 192.168.26.10:443" in text
    service = next(service for service in pulse.report["services"] if service["port"] == 443)
    places = [f"{destination['address']}:{destination['port']}" for destination in service["destinations"]]
    assert pulse.history_asked[1]["shares"] == places
    assert f"server={places[0]}" in page or f"server={places[0].replace(':', '%3A')}" in page


def test_a_server_shows_its_own(admin: Person, pulse: PulseDouble) -> None:
    page = admin.get(f"/graphs?service={SERVICE}&server=192.168.26.21:443").text
    assert "REAL SERVER web1 192.168.26.21:443" in text_of(page)
    assert "Share of traffic" not in page
    assert len(pulse.history_asked) == 1


def test_the_fragment_is_what_the_page_holds(admin: Person, pulse: PulseDouble) -> None:
    page = admin.get("/graphs?range=1d").text
    assert 'data-source="/graphs/part?range=1d"' in page
    part = admin.get("/graphs/part?range=1d").text
    assert part.count('role="img"') == 4
    assert "<html" not in part


def test_a_stopped_pulse_is_said(admin: Person) -> None:
    page = admin.get("/graphs").text
    assert "pulse is not running" in page
    assert "<figure" not in page


def test_events_and_revisions_are_marked_and_listed_with_links(
    admin: Person, pulse: PulseDouble, settings: Settings, store: Store
) -> None:
    save_cluster(settings, store)
    serial = store.snapshot().serial_no
    now = datetime.now(UTC).timestamp()
    event = {"kind": "down", "virtual": "shop https", "server": "web1", "target": "192.168.26.21:443"}
    pulse.events = [{**event, "at": now - 60, "reason": "<refused>"}]  # type: ignore[typeddict-item]
    for address in ("/graphs", f"/graphs?service={SERVICE}"):
        page = admin.get(address).text
        assert page.count('class="mark event"') == page.count('class="mark revision"') == 4
        assert f'href="/history/{serial}"' in page
        assert "out of rotation: web1 of shop https: &lt;refused&gt;" in page
    other = admin.get("/graphs?service=tcp 192.0.2.77:80").text
    assert 'class="mark event"' not in other


def test_virtual_and_real_servers_lead_to_their_graphs(admin: Person, settings: Settings, store: Store) -> None:
    ids = save_cluster(settings, store)
    page = admin.get(f"/virtual/{ids.web}").text
    assert 'href="/graphs?service=tcp+192.168.26.10:80">GRAPHS' in page
    page = admin.get(f"/virtual/{ids.web}/real/{ids.rs1}").text
    assert 'href="/graphs?service=tcp+192.168.26.10:80&amp;server=192.168.26.21:80">GRAPHS' in page


def test_what_has_no_address_has_no_graphs(admin: Person, store: Store) -> None:
    with store.edit("admin") as edit:
        virtual_id = edit.add_virtual(VirtualServer(name="web"))
        server_id = edit.add_server(virtual_id, RealServer(name="rs1"))
        edit.finish("made", b"")
    assert "GRAPHS" not in admin.get(f"/virtual/{virtual_id}").text
    assert "GRAPHS" not in admin.get(f"/virtual/{virtual_id}/real/{server_id}").text


def points(count: int, step_s: int) -> list[PointReport]:
    return [point(step_s * n, step_s, 0.0) for n in range(1, count + 1)]


def test_a_month_of_hours_is_drawn_in_no_more_points_than_there_is_room_for() -> None:
    month = points(744, 3600)
    found = charts(month, 0, 744 * 3600, [])
    assert found[0].lines[0].path.count("L") <= POINTS_MAX
    assert len(rows(month, 0, 744 * 3600)) <= ROWS_MAX
    assert {row.values[0] for row in rows(month, 0, 744 * 3600)} == {40.0}


def test_what_is_half_unknown_in_a_row_is_unknown() -> None:
    known = points(200, 60)
    holes = [{**series, "connections": None} if series["at"] % 600 else series for series in known]
    values = [row.values[0] for row in rows(holes, 0, 12000)]  # type: ignore[arg-type]
    assert set(values) == {None}


def test_shares_are_parts_of_what_is_known() -> None:
    amounts: dict[str, dict[str, float | None]] = {"a": {"connections": 30.0}, "b": {"connections": 10.0}, "c": {}}
    found = shares([("", "a", 1), ("", "b", 1), ("", "c", 2)], amounts)
    assert [(series.of_weight, series.of_connections, series.of_bytes) for series in found] == [
        (0.25, 0.75, None),
        (0.25, 0.25, None),
        (0.5, None, None),
    ]


def test_no_weight_at_all_is_no_share() -> None:
    assert shares([("", "a", 0)], {})[0].of_weight is None
