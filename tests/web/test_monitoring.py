"""CONTROL/MONITORING, as the server renders it."""

import html
import re

import pytest

from app.lvs.config import VirtualServer
from app.lvs.report import AppliedReport, ProblemReport
from app.store import Store
from app.web import pulse_status
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble, a_service


def text_of(page: str) -> str:
    """Return what a person reads of a page, blanks made one."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def test_a_running_pulse_is_shown_with_what_it_applied(admin: Person, pulse: PulseDouble) -> None:
    text = text_of(admin.get("/control").text)
    assert re.search(r"Daemon: ✓ running since .*, process 812, Palometa 0\.1\.0", text)
    assert re.search(r"applied 42 at \S+ \S+ in 3\.2 ms", text)
    assert "Linux 6.1.0, IPVS 1.2.1" in text


def test_the_first_page_is_this_one(admin: Person, pulse: PulseDouble) -> None:
    assert "CURRENT LVS ROUTING TABLE" in admin.get("/").text


def test_a_stopped_pulse_is_said_so_with_how_to_start_it_and_no_table(admin: Person) -> None:
    page = admin.get("/control").text
    assert "✗ stopped" in text_of(page)
    assert "<code>palometa pulse</code>" in page
    assert "RemoteAddress" not in page


def test_the_table_has_the_columns_and_words_of_ipvsadm(admin: Person, pulse: PulseDouble) -> None:
    text = text_of(admin.get("/control").text)
    assert "Prot LocalAddress:Port Name Scheduler Flags" in text
    assert "RemoteAddress:Port Name Forward Weight ActiveConn InActConn" in text
    assert "TCP 192.168.26.10:443 shop https wrr persistent 300 mask 255.255.255.0" in text
    assert "-> 192.168.26.21:443 web1 Route 3 105 1208" in text
    assert "TCP [2001:db8:26::10]:80 web6 wlc" in text
    assert "FWM 7 marked sh (sh-port)" in text


def test_a_foreign_service_is_marked_in_words(admin: Person, pulse: PulseDouble) -> None:
    assert "TCP 192.168.26.99:8080 – not ours rr" in text_of(admin.get("/control").text)


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
    monkeypatch.setattr(pulse_status, "KEPT_S", 0.0)
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
    assert "Somebody else changed the table" in page
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
    assert "1 with “shop”" in page
    assert 'href="/control?rate=2&auto_update=1&filter=shop&view=raw"' in page


def test_a_long_table_comes_in_parts(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["services"] = [a_service(number) for number in range(150)]
    first, second = (admin.get(f"/control?page={number}").text for number in (1, 2))
    assert "virtual-99<" in first
    assert "virtual-100<" not in first
    assert "virtual-100<" in second


def test_names_are_shown_and_never_executed(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["services"][0]["owner"] = "<script>alert(1)</script>"
    pulse.report["ipvsadm"] = ["<script>alert(2)</script>"]
    for query in ("", "?view=raw"):
        assert "<script>alert" not in admin.get(f"/control{query}").text
