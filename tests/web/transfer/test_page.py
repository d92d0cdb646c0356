"""IMPORT/EXPORT: out in three forms; in with a look at it before, or refused as a whole."""

import json
import re
import zlib
from base64 import urlsafe_b64encode
from dataclasses import replace
from html import unescape
from io import BytesIO
from ipaddress import IPv4Address

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app.host.files import atomic_file
from app.lvs.formats.config_json import to_json
from app.lvs.model.values import Floating
from app.settings import Settings
from app.store import Store
from app.web.transfer.page import IMPORT_MAX
from tests.web.clusters import MAIL, WEB, Ids, save_cluster
from tests.web.filled_form import press
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

PAGE = "/transfer"
GOOD = b"""# the shop
serial_no = 40
primary = 192.168.26.2
service = lvs
network = direct
frobnicate = 3
virtual web {
     active = 1
     address = 192.168.26.10 eth0:1
     port = 8080 # moved
     scheduler = wlc
     server rs1 {
         address = 192.168.26.21
         active = 1
         weight = 1
     }
}
virtual shop {
     active = 0
     address = 192.168.26.12 eth0:3
     port = 443
}
"""
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


def preview(person: Person, data: bytes, name: str = "lvs.cf", **fields: str) -> TestResponse:
    """Upload `data` and look."""
    token = person.token_on(PAGE)
    sent = {"csrf_token": token, "file": (BytesIO(data), name), "text": "", **fields}
    return person.client.post(PAGE, data=sent, content_type="multipart/form-data")


def send_part(person: Person, disposition: str, data: bytes) -> TestResponse:
    """Send the form with one large part, put together here: the test client would leave its files open."""
    token = person.token_on(PAGE)
    parts = [('name="csrf_token"', token.encode()), (disposition, data)]
    body = b"".join(
        b"--x\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % (head.encode(), value)
        for head, value in parts
    )
    return person.client.post(PAGE, data=body + b"--x--\r\n", content_type="multipart/form-data; boundary=x")


def take(person: Person, page: TestResponse) -> TestResponse:
    return press(person, page, "IMPORT", form="import")


def test_it_offers_three_forms_and_each_is_there(admin: Person, ids: Ids) -> None:
    html = admin.get(PAGE).text
    for address in ("/transfer/lvs.cf", "/transfer/lvs.json", "/transfer/ipvsadm.rules"):
        assert f'href="{address}"' in html
        assert f'href="{address}?download=1"' in html
        assert admin.get(f"{address}?download=1").status_code == 200


def test_the_red_bar_and_virtual_servers_lead_to_it(admin: Person, ids: Ids) -> None:
    assert admin.get("/global").text.count('href="/transfer"') == 1
    assert admin.get("/virtual").text.count('href="/transfer"') == 2


def test_ipvsadm_gets_what_the_configuration_asks_for(admin: Person, ids: Ids) -> None:
    answer = admin.get("/transfer/ipvsadm.rules")
    assert answer.text.splitlines()[:2] == [
        "-A -t 192.168.26.10:80 -s wlc",
        "-a -t 192.168.26.10:80 -r 192.168.26.21:80 -g -w 1",
    ]
    assert "192.168.26.11" not in answer.text


def test_ipvsadm_gets_nothing_of_a_configuration_with_errors(
    admin: Person, settings: Settings, store: Store
) -> None:
    save_cluster(settings, store, replace(WEB, name="twin"))
    assert admin.get("/transfer/ipvsadm.rules").status_code == 409
    assert "not available: the configuration has errors" in admin.get(PAGE).text


def test_a_configuration_piranha_can_read_is_said_to_be_one(admin: Person, ids: Ids) -> None:
    assert "The original Piranha can read every line" in admin.get(PAGE).text


def test_lines_beyond_piranha_are_marked_with_the_reason(admin: Person, settings: Settings, store: Store) -> None:
    save_cluster(settings, store, replace(MAIL, name="quick", one_packet=True))
    number = 1 + settings.lvs_cf.read_text().splitlines().index("     one_packet = 1")
    html = admin.get(PAGE).text
    assert "cannot read 1 line" in html
    assert f"<b>{number}</b>: <code>one_packet = 1</code> unknown command: one_packet" in html
    assert '<span class="beyond">     one_packet = 1</span>' in html


def test_a_preview_says_what_would_change_and_changes_nothing(admin: Person, store: Store, ids: Ids) -> None:
    answer = preview(admin, GOOD)
    assert answer.status_code == 200
    html = unescape(re.sub(r"<[^>]+>", "", answer.text))
    assert "removed mail (192.168.26.11, down), 1 real server" in html
    assert "added shop (192.168.26.12, down), 0 real servers" in html
    assert "web: port 80 → 8080" in html
    assert "real server rs2 removed" in html
    assert "+     port = 8080 # moved" in html
    assert store.snapshot().serial_no == 1


def test_a_preview_shows_advice_with_the_line_and_a_mark_under_its_place(admin: Person, ids: Ids) -> None:
    html = unescape(preview(admin, GOOD).text)
    assert "<b>6:1</b> warning: 'frobnicate' is not a key of lvs.cf" in html
    assert 'frobnicate = 3\n<span class="mark" aria-hidden="true">^</span>' in html


def test_the_advice_of_the_rules_has_its_place_too(admin: Person, ids: Ids) -> None:
    html = unescape(preview(admin, GOOD.replace(b"weight = 1", b"weight = 0")).text)
    assert "<b>15:10</b> warning: " in html
    assert "Weight 0: the server gets no new connections" in html


def test_import_makes_the_file_the_configuration_comments_and_all(
    admin: Person, settings: Settings, store: Store, ids: Ids
) -> None:
    shown = admin.follow(take(admin, preview(admin, GOOD)))
    assert "RESTORE there undoes the import" in shown.text
    assert settings.lvs_cf.read_bytes() == GOOD.replace(b"serial_no = 40", b"serial_no = 41")
    assert [row.virtual.name for row in store.snapshot().virtual] == ["web", "shop"]
    assert store.revisions(1)[0].summary == "imported lvs.cf"
    assert store.snapshot().virtual[0].id == ids.web


def test_a_serial_that_no_number_can_follow_is_said(admin: Person, store: Store, ids: Ids) -> None:
    shown = admin.follow(take(admin, preview(admin, GOOD.replace(b"serial_no = 40", b"serial_no = 2147483647"))))
    assert "serial_no 2147483647 is the largest there is" in unescape(shown.text)
    assert store.snapshot().serial_no == 2


def test_what_was_before_is_one_restore_away(admin: Person, store: Store, ids: Ids) -> None:
    before = store.snapshot().config.virtual
    take(admin, preview(admin, GOOD))
    press(admin, "/history/1", "RESTORE", form="restore")
    assert store.snapshot().config.virtual == before


def test_a_first_import_needs_no_configuration_before_it(admin: Person, settings: Settings, store: Store) -> None:
    take(admin, preview(admin, GOOD))
    assert str(store.snapshot().config.primary) == "192.168.26.2"
    assert b"# the shop" in settings.lvs_cf.read_bytes()


@pytest.mark.parametrize(
    "data", [GOOD.replace(b"\n", b"\r\n"), GOOD.replace(b"shop", "b\xfccher".encode("latin-1"))]
)
def test_the_very_bytes_of_the_preview_are_imported(
    admin: Person, settings: Settings, store: Store, ids: Ids, data: bytes
) -> None:
    take(admin, preview(admin, data))
    assert settings.lvs_cf.read_bytes() == data.replace(b"serial_no = 40", b"serial_no = 41")


def test_pasted_text_has_the_line_ends_it_had(admin: Person, settings: Settings, store: Store, ids: Ids) -> None:
    pasted = GOOD.decode().replace("\n", "\r\n")
    page = press(admin, PAGE, "PREVIEW", {"text": pasted}, form="preview")
    take(admin, page)
    assert b"\r" not in settings.lvs_cf.read_bytes()
    assert store.revisions(1)[0].summary == "imported the pasted text"


def test_json_is_found_out_by_itself_and_comes_back_as_it_went(admin: Person, store: Store, ids: Ids) -> None:
    before = store.snapshot().config.virtual
    exported = admin.get("/transfer/lvs.json?download=1").data
    take(admin, preview(admin, GOOD))
    page = preview(admin, exported, "lvs.json")
    assert "In lvs.json, read as JSON" in page.text
    assert "JSON has no comments" in page.text
    take(admin, page)
    assert store.snapshot().config.virtual == before


def test_the_file_that_is_there_already_changes_nothing(
    admin: Person, settings: Settings, store: Store, ids: Ids
) -> None:
    page = preview(admin, settings.lvs_cf.read_bytes())
    assert "Nothing: it is the same as the current configuration." in page.text
    assert "Nothing changed" in admin.follow(take(admin, page)).text
    assert store.snapshot().serial_no == 1


def test_a_file_with_errors_shows_all_of_them_in_place_and_is_not_loaded(
    admin: Person, store: Store, ids: Ids
) -> None:
    bad = GOOD.replace(b"port = 443", b"port = many").replace(b"scheduler = wlc", b"scheduler = fastest")
    answer = preview(admin, bad)
    assert answer.status_code == 422
    html = unescape(answer.text)
    assert "IMPORT: REFUSED" in html
    assert "<b>11:18</b> error: scheduler" in html
    assert "<b>21:13</b> error: port is 'many'" in html
    assert 'id="import"' not in answer.text
    assert store.snapshot().serial_no == 1


def test_a_file_the_rules_refuse_is_refused_with_the_place(admin: Person, store: Store, ids: Ids) -> None:
    twin = GOOD.replace(b"active = 0", b"active = 1").replace(b"192.168.26.12", b"192.168.26.10")
    answer = preview(admin, twin.replace(b"443", b"8080"))
    assert answer.status_code == 422
    assert "<b>21:6</b> error: TCP port 8080 of 192.168.26.10 is already used by 'web'" in unescape(answer.text)


def test_a_device_this_machine_does_not_have_is_refused(admin: Person, ids: Ids, pulse: PulseDouble) -> None:
    answer = preview(admin, GOOD.replace(b"eth0:1", b"eth7:1"))
    assert answer.status_code == 422
    assert "The device eth7 does not exist on this machine" in answer.text


def test_a_refused_file_can_be_mended_in_the_box(admin: Person, store: Store, ids: Ids) -> None:
    refused = preview(admin, GOOD.replace(b"port = 443", b"port = many"))
    box = re.search(r'<textarea id="import-text".*?>\n(.*?)</textarea>', refused.text, re.DOTALL)
    assert box
    mended = unescape(box[1]).replace("port = many", "port = 443")
    take(admin, press(admin, refused, "PREVIEW", {"text": mended}, form="preview"))
    assert store.snapshot().config.virtual[1].port == 443


def test_host_and_service_names_are_looked_up(admin: Person, store: Store, ids: Ids) -> None:
    named = GOOD.replace(b"primary = 192.168.26.2", b"primary = localhost").replace(b"port = 443", b"port = https")
    take(admin, preview(admin, named))
    assert str(store.snapshot().config.primary) == "127.0.0.1"
    assert store.snapshot().config.virtual[1].port == 443
    press(admin, "/history/1", "RESTORE", form="restore")
    press(admin, "/history/41", "RESTORE", form="restore")
    assert str(store.snapshot().config.primary) == "127.0.0.1"


def test_judged_as_piranha_it_says_where_the_original_gave_up(admin: Person, ids: Ids) -> None:
    html = unescape(preview(admin, GOOD, as_piranha="1").text)
    piranha = html[html.index("CHECKED AS BY PIRANHA") : html.index("WHAT WOULD CHANGE")]
    assert "The original parser refuses this file" in piranha
    assert "<b>6:" in piranha
    fine = GOOD.replace(b"frobnicate = 3\n", b"").replace(b" # moved", b"")
    assert "The original parser accepts this file." in preview(admin, fine, as_piranha="1").text
    assert "AS PIRANHA" not in preview(admin, fine).text


def test_who_changed_it_meanwhile_is_shown_and_nothing_is_imported(admin: Person, store: Store, ids: Ids) -> None:
    page = preview(admin, GOOD)
    press(admin, f"/virtual/{ids.mail}", "ACCEPT", {"port": "2525"})
    answer = take(admin, page)
    assert answer.status_code == 409
    assert "the configuration was changed after your preview" in answer.text
    assert "mail: port 25 → 2525" in answer.text
    assert store.snapshot().serial_no == 2
    take(admin, answer)
    assert [row.virtual.name for row in store.snapshot().virtual] == ["web", "shop"]


def test_an_edit_by_hand_is_not_overwritten_by_an_import(
    admin: Person, settings: Settings, store: Store, ids: Ids
) -> None:
    page = preview(admin, GOOD)
    atomic_file.prepare(settings.lvs_cf, b"# by hand\n").publish()
    answer = take(admin, page)
    assert answer.status_code == 409
    assert "LVS.CF WAS EDITED BY HAND" in answer.text
    assert settings.lvs_cf.read_bytes() == b"# by hand\n"
    press(admin, answer, "OVERWRITE", form="mine")
    assert [row.virtual.name for row in store.snapshot().virtual] == ["web", "shop"]


@pytest.mark.parametrize(
    "data",
    [
        b"\0\1\2\3" * 999,
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        b"\xff\xfev\0i\0",
        b"{" * 5000,
        b"[" * 100_000,
        b"}\n" * 500,
        b'{"primary": ',
        b'{"primary": "10.0.0.1", "primary": "10.0.0.2"}',
        b'{"virtual": [{"name": "a\xff"}]}',
        b'{"serial_no": ' + b"9" * 6000 + b"}",
        b'{"debug_level": "\\ud800"}',
        b'{"virtual": 3, "failover": [1, null], "port": []}',
        b'\xef\xbb\xbf{"x": 1}',
        b"[]",
        b"null",
        b"virtual a {\r\n" * 3000,
        b"x" * 300_000,
    ],
    ids=lambda data: repr(data[:16]),
)
def test_what_is_no_configuration_is_refused_in_words_and_nothing_is_loaded(
    admin: Person, store: Store, ids: Ids, data: bytes
) -> None:
    answer = preview(admin, data, as_piranha="1")
    assert answer.status_code == 422
    assert '<li class="error">' in answer.text
    assert store.snapshot().serial_no == 1


def test_a_place_in_broken_json_is_shown(admin: Person, ids: Ids) -> None:
    html = unescape(preview(admin, b'{\n  "primary": 10.0.0.1\n}').text)
    assert "<b>2:18</b> error: this is not JSON" in html


def test_a_wrong_value_in_json_is_named_by_its_path(admin: Person, ids: Ids) -> None:
    assert "virtual.0.port: " in preview(admin, b'{"virtual": [{"name": "a", "port": "many"}]}').text


@pytest.mark.parametrize("fields", [{}, {"text": ""}, {"text": "\r\n"}])
def test_nothing_sent_is_said_to_be_nothing(admin: Person, ids: Ids, fields: dict[str, str]) -> None:
    answer = admin.send(PAGE, fields)
    assert answer.status_code == 422
    empty = preview(admin, b" \n")
    assert (empty.status_code, "select a file that is not empty" in empty.text) == (422, True)


def test_a_file_as_large_as_a_request_may_be_is_taken_and_a_larger_one_refused(admin: Person, ids: Ids) -> None:
    filler = b"# a comment that takes up room, and no two lines are alike\n" * 137_000
    large = GOOD + filler
    assert IMPORT_MAX - 1_000_000 < len(large) < IMPORT_MAX
    assert send_part(admin, 'name="file"; filename="lvs.cf"', large).status_code == 200
    assert send_part(admin, 'name="text"', large).status_code == 200
    too_large = send_part(admin, 'name="file"; filename="lvs.cf"', large + filler)
    assert too_large.status_code == 413
    assert "palometa import FILE" in too_large.text


@pytest.mark.parametrize("source", ["", "x", "!!!!", "eJwDAAAAAAE=", "eJwrySxIBQAEXQHA" * 50, "é"])
def test_a_source_no_preview_of_ours_holds_is_refused(admin: Person, ids: Ids, source: str) -> None:
    answer = admin.send("/transfer/import", {"serial": "1", "source": source, "name": "x"}, on=PAGE)
    assert answer.status_code == 400


def test_a_source_changed_into_a_bad_file_is_refused(admin: Person, store: Store, ids: Ids) -> None:
    good, bad = preview(admin, GOOD), GOOD.replace(b"port = 443", b"port = 1 2")
    source = urlsafe_b64encode(zlib.compress(bad)).decode()
    answer = press(admin, good, "IMPORT", {"source": source}, form="import")
    assert answer.status_code == 422
    assert store.snapshot().serial_no == 1


def test_nothing_of_a_file_is_taken_for_html(admin: Person, store: Store, ids: Ids) -> None:
    named = GOOD.replace(b"virtual shop", f"# {HOSTILE}\nvirtual '{HOSTILE.replace(chr(39), '')} x'".encode())
    broken = named + f"{HOSTILE} = 1\nprimary = {HOSTILE}\n".encode()
    for data in (named, broken, b'{"' + HOSTILE.replace('"', "").encode() + b'": 1}'):
        html = preview(admin, data, HOSTILE, as_piranha="1").text
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "49" not in re.sub(r"\{\{7\*7\}\}|csrf_token.*?>|[?&]v=\w+|source.*?>", "", html)
    take(admin, preview(admin, named))
    for address in (PAGE, "/virtual", "/history", "/history/2"):
        assert "<script>alert" not in admin.get(address).text


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(st.binary(max_size=200), st.text(alphabet='{}[]"=#\r\n\t a1v\0', max_size=80).map(str.encode))
)
def test_no_upload_of_any_bytes_breaks_the_page(admin: Person, ids: Ids, data: bytes) -> None:
    assert preview(admin, data, as_piranha="1").status_code in (200, 422)


def test_json_of_any_configuration_is_taken_back(admin: Person, settings: Settings, store: Store) -> None:
    odd = replace(WEB, name='a "b" {c} #d', address=Floating(IPv4Address("192.168.26.15"), "eth0:9"), active=False)
    save_cluster(settings, store, odd)
    document = json.dumps(to_json(store.snapshot().config)).encode()
    assert "Nothing: it is the same as the current configuration." in preview(admin, document).text
