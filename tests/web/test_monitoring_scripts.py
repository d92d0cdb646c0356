"""MONITORING SCRIPTS: any text survives its way into lvs.cf and back."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.lvs.reading import parse
from app.settings import Settings
from app.store import Store
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
    assert "a line end or a NUL byte cannot stand in lvs.cf" in answer.text
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
