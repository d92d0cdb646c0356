"""CONNECTIONS, as the server renders it."""

import html
import re

from app.web.factory import TAB_OF_PAGE
from tests.web.page_text import text_of
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble


def test_the_table_is_read_only_when_asked_for(admin: Person, pulse: PulseDouble) -> None:
    text = text_of(admin.get("/connections").text)
    assert pulse.connections_asked == []
    assert "read only when you press SHOW" in text
    admin.get("/connections?show=1")
    assert len(pulse.connections_asked) == 1


def test_it_shows_sums_and_entries_with_the_configured_names(admin: Person, pulse: PulseDouble) -> None:
    text = text_of(admin.get("/connections?show=1").text)
    assert "25 301 of 1 000 000 entries, 120 of them persistence templates" in text.replace("\u2009", " ")
    assert "TCP 14:59 ESTABLISHED 203.0.113.7:50578 192.168.26.10:443 shop https 192.168.26.21:443 web1" in text
    assert "TCP 04:59 ASSURED i template 203.0.113.0:0" in text
    assert "[2001:db8:cafe::7]:40001" in text
    assert "The first 3 of" in text


def test_the_filters_go_to_pulse_and_stay_in_the_form(admin: Person, pulse: PulseDouble) -> None:
    page = admin.get("/connections?service=tcp+192.168.26.10:443&client=203.0.113.7&state=&server=").text
    [asked] = pulse.connections_asked
    assert (asked["service"], asked["client"], asked["state"]) == ("tcp 192.168.26.10:443", "203.0.113.7", "")
    assert 'value="203.0.113.7"' in page


def test_each_client_and_state_is_a_link_that_narrows_what_is_shown(admin: Person, pulse: PulseDouble) -> None:
    page = html.unescape(admin.get("/connections?state=ESTABLISHED").text)
    assert 'href="/connections?client=203.0.113.7&state=ESTABLISHED"' in page
    assert 'href="/connections?state=FIN_WAIT"' in page


def test_where_a_client_goes_is_told_with_its_reason(admin: Person, pulse: PulseDouble) -> None:
    pulse.connections["next_servers"] = [
        {
            "service": "tcp 192.168.26.10:443",
            "why": "template",
            "server": "192.168.26.21",
            "port": 443,
            "expires_s": 299,
            "sentence": "a persistence template keeps this client on 192.168.26.21:443 for another 299 s.",
        },
        {
            "service": "fwm 7",
            "why": "hash",
            "server": "",
            "port": 0,
            "expires_s": None,
            "sentence": "sh hashes the client's address.",
        },
    ]
    text = text_of(admin.get("/connections?client=203.0.113.7").text)
    assert "NEXT SERVER FOR 203.0.113.7" in text
    assert "tcp 192.168.26.10:443 shop https 192.168.26.21:443 web1 i template a persistence template" in text
    assert "fwm 7 marked – i hash" in text


def test_a_table_that_was_not_read_to_its_end_is_said_so(admin: Person, pulse: PulseDouble) -> None:
    pulse.connections["is_complete"] = False
    assert "Reading stopped at the time limit" in text_of(admin.get("/connections?show=1").text)


def test_counts_that_may_be_too_low_are_said_so(admin: Person, pulse: PulseDouble) -> None:
    pulse.connections["short_by"] = 19
    assert "may be up to 19 too low" in text_of(admin.get("/connections?show=1").text)


def test_a_refusal_is_shown_as_pulse_said_it_and_escaped(admin: Person, pulse: PulseDouble) -> None:
    pulse.connections = {"ok": False, "error": "'<b>' is no address"}
    page = admin.get("/connections?client=%3Cb%3E").text
    assert "&#39;&lt;b&gt;&#39; is no address" in page
    assert "<b>' is" not in page
    assert 'value="&lt;b&gt;"' in page


def test_a_stopped_pulse_is_said_so(admin: Person) -> None:
    assert "pulse is not running" in text_of(admin.get("/connections?show=1").text)


def test_nothing_found_is_said_in_words(admin: Person, pulse: PulseDouble) -> None:
    pulse.connections.update(rows=[], found=0, states=[], clients=[], servers=[])
    assert "No matching entries." in text_of(admin.get("/connections?show=1").text)


def test_the_page_is_reached_from_the_routing_table_and_from_each_service(
    admin: Person, pulse: PulseDouble
) -> None:
    page = html.unescape(admin.get("/control").text)
    assert 'href="/connections"' in page
    assert 'href="/connections?service=tcp+192.168.26.10:443"' in page
    assert 'href="/connections?service=fwm+7"' in page
    assert TAB_OF_PAGE["connections"] == "control"


def test_the_raw_view_has_ipvsadms_other_tables(admin: Person, pulse: PulseDouble) -> None:
    page = html.unescape(admin.get("/control?view=raw&raw=stats").text)
    raw = re.search(r'<pre id="raw"[^>]*>\n(.*?)\n</pre>', page, re.DOTALL)
    assert raw
    assert "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes" in raw[1]
    assert 'aria-label="Output of ipvsadm -Ln --stats"' in page
    assert "view=raw&raw=rate" in page
    assert "Timeout (tcp tcpfin udp): 900 120 300" in admin.get("/control?view=raw&raw=timeouts").text
    # What is no table is the plain one.
    assert 'aria-label="Output of ipvsadm -Ln"' in admin.get("/control?view=raw&raw=other").text
