"""MONITORING SCRIPTS: any text survives its way into lvs.cf and back."""

import re

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from markupsafe import escape

from app.lvs.grammar.reader import parse
from app.lvs.model.check_kinds import CheckKind
from app.settings import Settings
from app.store import Store
from app.web.forms.check_fields import ALWAYS_GROUPS, CHECK_CHOICES, EXPLAINED, FIELD_KINDS, REQUEST_GROUPS
from app.web.forms.pages import SCRIPT_INPUTS
from tests.web.clusters import Ids, save_cluster
from tests.web.filled_form import FilledForm, press
from tests.web.person import Person

TEXTS = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), min_size=1, max_size=40)


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.fixture
def page(ids: Ids) -> str:
    return f"/virtual/{ids.web}/scripts"


def texts_of(store: Store) -> tuple[str | None, str | None, str | None]:
    virtual = store.snapshot().config.virtual[0]
    return virtual.send_program, virtual.send, virtual.expect


def test_accept_replaces_the_texts_that_were_typed(admin: Person, store: Store, page: str) -> None:
    press(admin, page, "ACCEPT", {"send": "GET / HTTP/1.0\\r\\n\\r\\n", "expect": "HTTP"})
    assert texts_of(store) == (None, "GET / HTTP/1.0\\r\\n\\r\\n", "HTTP")


def test_an_empty_box_leaves_the_old_text(admin: Person, store: Store, page: str) -> None:
    press(admin, page, "ACCEPT", {"send": "QUIT", "expect": "220"})
    press(admin, page, "ACCEPT", {"expect": "221"})
    assert texts_of(store) == (None, "QUIT", "221")


def test_the_boxes_are_empty_and_the_current_texts_stand_beside_them(admin: Person, page: str) -> None:
    press(admin, page, "ACCEPT", {"send": "QUIT <b>"})
    html = admin.get(page).text
    assert "QUIT &lt;b&gt;" in html
    assert FilledForm.on(html, "edit").fields["send"] == ""


@pytest.mark.parametrize(
    ("button", "left"),
    [
        ("NO SEND PROGRAM", (None, "QUIT", "220")),
        ("BLANK SEND", ("/bin/probe %h", None, "220")),
        ("BLANK EXPECT", ("/bin/probe %h", "QUIT", None)),
    ],
)
def test_a_clear_button_takes_its_text_away(
    admin: Person, store: Store, page: str, button: str, left: tuple[str | None, str | None, str | None]
) -> None:
    press(admin, page, "ACCEPT", {"send_program": "/bin/probe %h", "send": "QUIT", "expect": "220"})
    press(admin, page, button)
    assert texts_of(store) == left


def test_a_clear_button_loses_nothing_that_was_typed_elsewhere(admin: Person, store: Store, page: str) -> None:
    press(admin, page, "BLANK EXPECT", {"send": "QUIT"})
    assert texts_of(store) == (None, "QUIT", None)


def test_the_regular_expression_box_can_be_set_and_cleared(admin: Person, store: Store, page: str) -> None:
    press(admin, page, "ACCEPT", {"use_regex": "1"})
    assert store.snapshot().config.virtual[0].use_regex is True
    press(admin, page, "ACCEPT", {"use_regex": None})
    assert store.snapshot().config.virtual[0].use_regex is False


def test_a_text_with_a_line_end_is_refused_beside_its_box(admin: Person, store: Store, page: str) -> None:
    answer = press(admin, page, "ACCEPT", {"send": "one\r\ntwo"})
    assert answer.status_code == 422
    assert "lvs.cf cannot hold a line end or a NUL byte" in answer.text
    assert texts_of(store) == (None, None, None)


def test_cancel_goes_back_to_the_virtual_server(admin: Person, ids: Ids, page: str) -> None:
    assert press(admin, page, "CANCEL", {"send": "x"}).location == f"/virtual/{ids.web}"


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(send=TEXTS, expect=TEXTS)
def test_any_text_survives(
    admin: Person, settings: Settings, store: Store, page: str, send: str, expect: str
) -> None:
    press(admin, page, "ACCEPT", {"send": send, "expect": expect})
    assert texts_of(store)[1:] == (send, expect)
    config = parse(settings.lvs_cf.read_bytes()).config
    assert config
    assert (config.virtual[0].send, config.virtual[0].expect) == (send, expect)


SECRETS = {"check_password": "hunter2", "check_secret": "hunter3", "also_check": "redis password=hunter4"}


def test_every_box_beyond_piranha_is_saved(admin: Person, store: Store, page: str) -> None:
    changes: dict[str, str | None] = {
        "check": "https",
        "check_path": "/ready",
        "check_host": "www.example.com",
        "check_status": "200",
        "check_method": "HEAD",
        "check_headers": "X-Probe: 1",
        "check_name": "probe",
        "check_type": "AAAA",
        "check_user": "probe",
        "check_tls": "1",
        "check_verify": "1",
        "check_certificate_days": "14",
        "check_port": "8443",
        "check_source": "192.168.26.2",
        "check_interface": "eth0",
        "check_interval": "5",
        "check_limit": "2",
        "check_retry": "1",
        "rise": "3",
        "fall": "2",
        "also_check": "tcp port=8080",
        "check_need": "any",
        "check_password": "hunter2",
        "check_secret": "hunter3",
    }
    answer = press(admin, page, "ACCEPT", changes)
    assert answer.status_code == 303, answer.text
    virtual = store.snapshot().config.virtual[0]
    assert {name: str(getattr(virtual, name)).replace("True", "1") for name in changes} == changes


def test_the_words_of_check_are_grouped_and_none_is_missing() -> None:
    grouped = [word for _, choices in CHECK_CHOICES for word, _ in choices]
    assert grouped == list(CheckKind)
    assert [word for word, _ in EXPLAINED if word] == grouped


def test_every_kind_of_check_has_its_choice_sentence_and_style_rule(admin: Person, page: str) -> None:
    html = admin.get(page).text
    address = re.search(r'<link rel="stylesheet" href="(/check-fields\.css\?v=\w+)">', html)
    assert address
    answer = admin.get(address[1])
    assert (answer.mimetype, answer.text.count(".of-check:not(")) == ("text/css", len(CheckKind) + 1)
    assert "immutable" in answer.headers["Cache-Control"]
    for kind in CheckKind:
        assert f'<option value="{kind}">{kind.row.label}</option>' in html
        assert f'data-for="{kind}"><dt>{kind}</dt><dd>{escape(kind.row.sentence)}</dd>' in html
        assert f'option[value="{kind}"]:checked) .of-check:not([data-for~="{kind}"])' in answer.text


def test_each_box_of_a_check_is_in_one_group() -> None:
    in_groups = [name for group in REQUEST_GROUPS for name in group.names]
    assert sorted(in_groups) == sorted(FIELD_KINDS)
    everywhere = {name for group in (*REQUEST_GROUPS, *ALWAYS_GROUPS) for name in group.names}
    boxes = {box.name for asked in SCRIPT_INPUTS for box in asked.boxes()}
    assert boxes - everywhere == {"send_program", "send", "expect", "use_regex", "check"}


def test_no_stored_password_or_secret_is_ever_on_a_page(
    admin: Person, settings: Settings, store: Store, ids: Ids, page: str
) -> None:
    press(admin, page, "ACCEPT", dict(SECRETS))
    press(admin, page, "ACCEPT", {"check_password": "hunter5"})
    addresses = (page, "/history", "/history/2", "/history/3", "/transfer", "/virtual", f"/virtual/{ids.web}")
    for address in addresses:
        html = admin.get(address).text
        assert "hunter" not in html, address
    assert "check_password = •••" in admin.get("/history/3").text
    settings.lvs_cf.write_bytes(settings.lvs_cf.read_bytes().replace(b"hunter5", b"hunter6"))
    assert "hunter" not in admin.get("/by-hand").text
    assert b"hunter6" in settings.lvs_cf.read_bytes()


def test_an_empty_password_box_keeps_the_password(admin: Person, store: Store, page: str) -> None:
    press(admin, page, "ACCEPT", dict(SECRETS))
    press(admin, page, "ACCEPT", {"check_path": "/ready"})
    virtual = store.snapshot().config.virtual[0]
    assert {name: getattr(virtual, name) for name in SECRETS} == SECRETS


@pytest.mark.parametrize(
    ("button", "name"),
    [("NO PASSWORD", "check_password"), ("NO SHARED SECRET", "check_secret"), ("NO ALSO CHECK", "also_check")],
)
def test_a_clear_button_takes_a_secret_away(
    admin: Person, store: Store, page: str, button: str, name: str
) -> None:
    press(admin, page, "ACCEPT", dict(SECRETS))
    press(admin, page, button)
    virtual = store.snapshot().config.virtual[0]
    left = {key: getattr(virtual, key) for key in SECRETS}
    assert left == {**SECRETS, name: None}


def test_also_check_without_a_password_stands_in_its_box(admin: Person, page: str) -> None:
    press(admin, page, "ACCEPT", {"also_check": "tcp port=8080"})
    assert FilledForm.on(admin.get(page).text, "edit").fields["also_check"] == "tcp port=8080"


def test_a_conflict_shows_no_password_of_anybody(admin: Person, store: Store, page: str) -> None:
    opened = admin.get(page)
    press(admin, page, "ACCEPT", {"check_password": "hunter2", "check_path": "/theirs"})
    answer = press(admin, opened, "ACCEPT", {"check_password": "mine", "check_path": "/mine"})
    assert answer.status_code == 409
    assert "hunter2" not in answer.text
    assert "<b>•••</b>" in answer.text
