"""CONTROL/MONITORING, as the server renders it."""

import html
import re
from dataclasses import replace

import pytest
from flask import Flask

from app.host.names import HostNames
from app.lvs.model.config import VirtualServer
from app.lvs.reports.status import AppliedReport, DaemonReport, ProblemReport
from app.lvs.table_page.view import LINES_A_PAGE
from app.store import Store
from app.web.status import pulse_client
from app.web.table.page import page_numbers
from tests.web.page_text import text_of
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble, a_large_service, a_service, new_report


def test_a_running_pulse_is_shown_with_what_it_applied(admin: Person, pulse: PulseDouble) -> None:
    text = text_of(admin.get("/control").text)
    assert re.search(r"Daemon: ✓ running since \S+ \S+ \( DAEMON \)", text)
    assert re.search(r"serial 42 at \S+ \S+ in 3\.2 ms", text)


def test_the_state_of_the_table_comes_first_and_what_the_director_holds_last(
    admin: Person, pulse: PulseDouble
) -> None:
    text = text_of(admin.get("/control").text)
    found = [
        text.index(part)
        for part in (
            "6 services : 1",
            "11 real servers : 3",
            "Daemon:",
            "Auto update",
            "CURRENT LVS ROUTING TABLE",
            "THIS DIRECTOR",
        )
    ]
    assert found == sorted(found)
    assert "Virtual IPs: ! 1 of 2 up" in text


def test_a_new_director_is_told_what_to_do_first_and_nothing_is_wrong(admin: Person, pulse: PulseDouble) -> None:
    pulse.report = new_report()
    page = admin.get("/control").text
    assert "This director has no virtual servers yet." in text_of(page)
    for address in ("/virtual", "/transfer", "/global"):
        assert f'<li><a href="{address}"' in page
    assert "nothing has been applied yet" in text_of(page)
    assert not re.search(r'class="(badge down|badge warn|note error|note warn)', page)
    # There is nothing to select.
    assert re.search(r'<form id="act"[^>]* hidden>', page)


def test_with_a_virtual_server_nobody_is_told_to_begin(admin: Person, pulse: PulseDouble, store: Store) -> None:
    pulse.report = new_report()
    with store.edit("admin") as edit:
        edit.add_virtual(VirtualServer(name="web"))
        edit.finish("one", b"")
    page = admin.get("/control").text
    assert "no virtual servers yet" not in page
    assert re.search(r'<form id="act"[^>]*acts">', page)


def test_the_first_page_is_this_one(admin: Person, pulse: PulseDouble) -> None:
    assert "CURRENT LVS ROUTING TABLE" in admin.get("/").text


def test_a_stopped_pulse_is_said_so_with_how_to_start_it_and_no_table(admin: Person) -> None:
    page = admin.get("/control").text
    assert "✗ stopped" in text_of(page)
    assert "<code>palometa pulse</code>" in page
    assert "RemoteAddress" not in page


def test_the_table_has_the_columns_and_words_of_ipvsadm(admin: Person, pulse: PulseDouble) -> None:
    text = text_of(admin.get("/control").text)
    columns = (
        "Prot LocalAddress:Port Name State Servers / Check Scheduler Flags / Forward Weight ActiveConn InActConn"
    )
    assert f"{columns} CPS InBPS OutBPS" in text
    assert "TCP 192.168.26.10:443 shop https – not known yet 0 of 2 wrr persistent 300 mask 255.255.255.0" in text
    assert "-> 192.168.26.21:443 web1 – not known yet Route 3 105 1208" in text
    assert "TCP [2001:db8:26::10]:80 web6" in text
    assert "wlc entries of [2001:db8:26::10]:80" in text
    assert "FWM 7 marked" in text
    assert "sh (sh-port)" in text


@pytest.mark.parametrize(
    ("view", "columns"),
    [
        ("connections", "Weight PersistConn ActiveConn InActConn"),
        ("statistics", "Conns InPkts OutPkts InBytes OutBytes"),
        ("rates", "CPS InPPS OutPPS InBPS OutBPS"),
        ("thresholds", "Uthreshold Lthreshold ActiveConn InActConn"),
    ],
)
def test_each_tab_has_ipvsadms_columns_in_its_order(
    admin: Person, pulse: PulseDouble, view: str, columns: str
) -> None:
    assert f"Scheduler Flags / Forward {columns} Servers of TCP" in text_of(
        admin.get(f"/control?view={view}").text
    )


def test_a_large_number_is_written_as_ipvsadm_does_and_told_exactly(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["services"][1]["destinations"][0]["counters"]["bytes_in"] = 123_456_789_012
    page = admin.get("/control?view=statistics").text
    assert '<td data-label="InBytes" class="number" title="123456789012">123G</td>' in page


def test_why_out_columns_stay_0_is_said_where_they_do(admin: Person, pulse: PulseDouble) -> None:
    said = "Out columns stay 0 with Route and Tunnel"
    assert said in admin.get("/control?view=statistics").text
    assert said not in admin.get("/control?view=connections").text
    for service in pulse.report["services"]:
        for destination in service["destinations"]:
            destination["forward"] = "Masq"
    assert said not in admin.get("/control?view=rates").text


def test_the_timeouts_are_shown_with_what_they_hold_for(admin: Person, pulse: PulseDouble) -> None:
    text = text_of(admin.get("/control?view=timeouts").text)
    assert "tcp tcpfin udp 900 120 300" in text
    assert "the kernel has none per service" in text
    assert "Timeout (tcp tcpfin udp): 900 120 300" in text


def test_the_sync_daemons_are_shown_and_their_lack_is_explained(
    admin: Person, pulse: PulseDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse_client, "KEPT_S", 0.0)
    assert "No sync daemon is running" in admin.get("/control?view=sync").text
    pulse.report["daemons"] = [
        DaemonReport(role="master", interface="eth1", sync_id=7, maxlen=1400, group="224.0.0.81", port=8848, ttl=1)
    ]
    text = text_of(admin.get("/control?view=sync").text)
    assert "master eth1 7 1400 224.0.0.81 8848 1" in text
    assert "master sync daemon (mcast=eth1, syncid=7" in text


def test_a_foreign_service_is_marked_in_words(admin: Person, pulse: PulseDouble) -> None:
    assert "TCP 192.168.26.99:8080 – unmanaged 1 rr" in text_of(admin.get("/control").text)


def test_the_raw_view_is_ipvsadms_output_byte_for_byte(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["ipvsadm"].append("TCP  <&>  ")
    page = admin.get("/control?view=raw").text
    raw = re.search(r'<pre id="raw"[^>]*>\n(.*?)\n</pre>', page, re.DOTALL)
    assert raw
    assert html.unescape(raw[1]).split("\n") == pulse.report["ipvsadm"]


def test_a_name_leads_to_its_virtual_server_while_the_file_is_the_one_applied(
    admin: Person, pulse: PulseDouble, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.edit("admin") as edit:
        virtual_id = edit.add_virtual(VirtualServer(name="web"))
        serial_no = edit.finish("one", b"")
    monkeypatch.setattr(pulse_client, "KEPT_S", 0.0)
    assert f'href="/virtual/{virtual_id}"' not in admin.get("/control").text
    assert pulse.report["applied"]
    pulse.report["applied"]["serial_no"] = serial_no
    assert f'<a href="/virtual/{virtual_id}">web</a>' in admin.get("/control").text


def test_why_a_file_is_refused_stands_with_its_place(admin: Person, pulse: PulseDouble) -> None:
    path: list[str | int] = ["virtual", 0, "server", 2, "weight"]
    pulse.report["refused"] = [
        ProblemReport(severity="error", path=path, message="The weight is 70000.", line=31, column=3),
        ProblemReport(severity="error", path=[], message="A brace is missing.", line=40, column=1),
    ]
    text = text_of(admin.get("/control").text)
    assert "✗ refused" in text
    assert "virtual 1, server 3, weight (line 31): The weight is 70000." in text
    assert "line 40 : A brace is missing." in text


def test_what_the_kernel_did_not_take_is_shown(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["applied"] = AppliedReport(
        serial_no=42, at=0.0, duration_ms=1.0, changes=1, remained=["No module ip_vs_twos."]
    )
    pulse.report["trouble"] = ["There is no IPVS in this kernel."]
    pulse.report["schedulers_missing"] = ["twos"]
    text = text_of(admin.get("/control").text)
    for words in (
        "not converged",
        "No module ip_vs_twos.",
        "There is no IPVS in this kernel.",
        "modprobe ip_vs_twos",
    ):
        assert words in text


def test_repairs_are_shown_with_their_commands(admin: Person, pulse: PulseDouble) -> None:
    page = admin.get("/control").text
    assert "Another process changed the table" in page
    assert "ipvsadm -A -t 192.168.26.10:80 -s wlc" in page


def test_virtual_addresses_are_shown_with_their_state(admin: Person, pulse: PulseDouble) -> None:
    text = text_of(admin.get("/control").text)
    assert "192.168.26.10/24 eth0:1 ✓ up" in text
    assert "2001:db8:26::10/64 eth9 ✗ failed There is no device eth9" in text


def test_an_empty_table_says_where_a_service_is_added(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["services"] = []
    assert "The table is empty: no virtual server is active." in text_of(admin.get("/control").text)


def test_the_fragment_is_the_part_of_the_page(admin: Person, pulse: PulseDouble) -> None:
    def without_ages(text: str) -> str:
        return re.sub(r'data-age="[^"]*"|as of [0-9:]+', "", text).strip()

    page = admin.get("/control?rate=2&filter=web").text
    fragment = admin.get("/control/table?rate=2&filter=web").text
    assert "<html" not in fragment
    assert without_ages(fragment) in without_ages(page)


def test_watching_alone_does_not_keep_a_session_open(admin: Person, store: Store, session_token: str) -> None:
    used: list[bool] = []
    look_up = store.sessions.user_of

    def note(token: str, *, is_use: bool = True) -> object:
        used.append(is_use)
        return look_up(token, is_use=is_use)

    store.sessions.user_of = note  # type: ignore[method-assign, assignment]
    admin.get("/control")
    admin.get("/control/table")
    assert used == [True, False]


@pytest.mark.parametrize(
    ("query", "rate"), [("", "5"), ("?auto_update=1&rate=10", "10"), ("?rate=5", None), ("?auto_update=0", None)]
)
def test_without_scripts_the_page_reloads_itself_if_asked_to(admin: Person, query: str, rate: str | None) -> None:
    found = re.search(
        r'<noscript><meta http-equiv="refresh" content="(\d+)"></noscript>', admin.get(f"/control{query}").text
    )
    assert (found[1] if found else None) == rate


def test_a_filter_and_a_view_stay_with_the_links(admin: Person, pulse: PulseDouble) -> None:
    page = html.unescape(admin.get("/control?auto_update=1&rate=2&filter=shop").text)
    assert "dns" not in page.split("CURRENT LVS ROUTING TABLE")[1]
    assert "1 service and" in page
    assert "2 real servers match “shop”" in page
    assert 'href="/control?rate=2&auto_update=1&filter=shop&view=raw"' in page


def test_what_is_no_filter_is_said_beside_the_field(admin: Person, pulse: PulseDouble) -> None:
    page = admin.get("/control?filter=state:dwon+web").text
    says = page.split('id="filter-says"')[1].split("</div>")[0]
    assert "“state:dwon” is not a state. Use one of up, part, down" in says
    assert 'aria-describedby="filter-says"' in page
    assert "web1" in page


def test_the_states_are_counted_and_each_count_leads_to_its_rows(admin: Person, pulse: PulseDouble) -> None:
    page = html.unescape(admin.get("/control").text)
    assert "6 services : 1 partly up · 3 not known yet · 1 unreachable · 1 unmanaged" in text_of(page)
    assert '<a href="/control?rate=5&auto_update=1&filter=state:part">1 partly up</a>' in page


def test_a_heading_sorts_one_way_the_other_and_not_at_all(admin: Person, pulse: PulseDouble) -> None:
    def heading(query: str) -> str:
        page = html.unescape(admin.get(f"/control?rate=5{query}").text)
        found = re.search(r'<th scope="col" class="number"([^>]*)><a href="([^"]*)"[^>]*>ActiveConn</a>', page)
        assert found
        return found[1] + found[2]

    assert heading("") == "/control?rate=5&sort=-active"
    assert heading("&sort=-active") == ' aria-sort="descending"/control?rate=5&sort=active'
    assert heading("&sort=active") == ' aria-sort="ascending"/control?rate=5'


def test_rows_come_in_the_order_asked_for(admin: Person, pulse: PulseDouble) -> None:
    page = admin.get("/control?sort=-active&opened=none").text
    assert re.findall(r'<tr class="service[^"]*" data-key="([^"]*)"', page)[:2] == [
        "tcp 192.168.26.10:443",
        "tcp 192.168.26.10:80",
    ]


def test_by_host_a_machine_stands_once_and_leads_to_its_page(admin: Person, pulse: PulseDouble) -> None:
    page = admin.get("/control?group=host").text
    assert page.count('href="/host/192.168.26.21"') == 1
    assert "in 3 services" in text_of(page)


def test_a_row_is_opened_and_closed_by_a_link(admin: Person, pulse: PulseDouble) -> None:
    page = html.unescape(admin.get("/control?rate=5").text)
    assert 'href="/control?rate=5&toggle=tcp+192.168.26.10:443" aria-expanded="true"' in page
    closed = html.unescape(admin.get("/control?rate=5&toggle=tcp+192.168.26.10:443").text)
    assert 'href="/control?rate=5" aria-expanded="false"' in closed
    assert "192.168.26.21:443" not in closed


def test_host_names_are_asked_for_only_when_they_are_wanted(app: Flask, admin: Person, pulse: PulseDouble) -> None:
    asked: list[str] = []

    def look_up(address: str) -> str:
        asked.append(address)
        return f"<b>{address}</b>.example"

    names = HostNames(look_up)
    parts = app.extensions["palometa"]
    app.extensions["palometa"] = replace(parts, host_names=names)
    admin.get("/control")
    assert asked == []
    admin.get("/control?names=1")
    names.wait()
    page = admin.get("/control?names=1").text
    assert "&lt;b&gt;192.168.26.21&lt;/b&gt;.example" in page


def test_each_service_has_its_last_ten_minutes_drawn_and_leads_to_its_graphs(
    admin: Person, pulse: PulseDouble
) -> None:
    page = admin.get("/control").text
    assert page.count('<svg class="spark"') == len(pulse.report["services"])
    assert 'aria-label="graphs of tcp 192.168.26.10:443"' in page
    assert '<svg class="spark"' not in admin.get("/control?view=rates").text
    assert '<svg class="spark"' not in admin.get("/control?group=host").text


def test_the_whole_of_a_raw_table_is_given_as_a_text(admin: Person, pulse: PulseDouble) -> None:
    answer = admin.get("/control/raw/plain.txt")
    assert answer.mimetype == "text/plain"
    assert answer.text == "".join(f"{line}\n" for line in pulse.report["ipvsadm"])
    assert admin.get("/control/raw/saved.txt").text == "-A -t 192.168.26.10:80 -s wlc\n"
    assert admin.get("/control/raw/other.txt").status_code == 404


def test_without_pulse_there_is_no_text(admin: Person) -> None:
    answer = admin.get("/control/raw/plain.txt")
    assert answer.status_code == 503
    assert "pulse is not running" in answer.text


@pytest.mark.parametrize("query", ["", "?opened=all", "?group=host", "?view=statistics&opened=all&page=7"])
def test_a_page_of_a_thousand_services_is_no_longer_than_150_kb(
    admin: Person, pulse: PulseDouble, query: str
) -> None:
    pulse.report["services"] = [a_large_service(number) for number in range(1000)]
    page = admin.get(f"/control{query}")
    assert page.text.count("<tr class=") >= LINES_A_PAGE
    # Small graphs and longer names come besides.
    assert len(page.data) < 120_000


@pytest.mark.parametrize(
    ("page", "pages", "offered"),
    [
        (1, 1, [1]),
        (1, 4, [1, 2, 3, 4]),
        (1, 110, [1, 2, 3, 0, 110]),
        (50, 110, [1, 0, 48, 49, 50, 51, 52, 0, 110]),
        (110, 110, [1, 0, 108, 109, 110]),
        (4, 6, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_of_many_pages_the_near_ones_are_offered(page: int, pages: int, offered: list[int]) -> None:
    assert page_numbers(page, pages) == offered


def test_a_long_table_comes_in_parts(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["services"] = [a_service(number) for number in range(120)]
    first, second = (admin.get(f"/control?page={number}").text for number in (1, 2))
    assert f"virtual-{LINES_A_PAGE - 1}<" in first
    assert f"virtual-{LINES_A_PAGE}<" not in first
    assert f"virtual-{LINES_A_PAGE}<" in second
    assert f"lines {LINES_A_PAGE + 1} to 120 of 120" in second


def test_names_are_shown_and_never_executed(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["services"][0]["owner"] = "<script>alert(1)</script>"
    pulse.report["ipvsadm"] = ["<script>alert(2)</script>"]
    for query in ("", "?view=raw"):
        assert "<script>alert" not in admin.get(f"/control{query}").text
