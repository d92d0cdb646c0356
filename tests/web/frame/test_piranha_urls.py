"""Piranha's addresses lead on."""

import pytest

from app.lvs.model.config import RealServer, VirtualServer
from app.store import Store
from tests.web.person import Person


@pytest.fixture
def ids(store: Store) -> list[tuple[int, list[int]]]:
    """The ids of two virtual servers with two real servers each, in file order."""
    with store.edit("admin") as edit:
        for name in ("a", "b"):
            virtual_id = edit.add_virtual(VirtualServer(name=name))
            for number in (1, 2):
                edit.add_server(virtual_id, RealServer(name=f"{name}{number}"))
        edit.finish("two", b"")
    return [(row.id, [server.id for server in row.servers]) for row in store.snapshot().virtual]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/index.html", "/"),
        ("/introduction.html", "/"),
        ("/about_login.php", "/login"),
        ("/secure/", "/control"),
        ("/secure/control.php", "/control"),
        ("/secure/control.php?auto_update=1&rate=10", "/control?auto_update=1&rate=10"),
        ("/secure/global_settings.php", "/global"),
        ("/secure/redundancy.php", "/redundancy"),
        ("/secure/virtual_main.php", "/virtual"),
        ("/secure/passwd.php", "/password"),
        ("/secure/help.php", "/"),
        ("/piranha", "/"),
        ("/piranha/", "/"),
        ("/piranha/secure/virtual_main.php", "/virtual"),
    ],
)
def test_a_page_with_one_place_has_moved_for_good(admin: Person, old: str, new: str) -> None:
    answer = admin.get(old)
    assert (answer.status_code, answer.location) == (301, new)


def test_places_in_the_file_become_ids(admin: Person, ids: list[tuple[int, list[int]]]) -> None:
    virtual, servers = ids[1]
    led = {
        "virtual_edit_virt.php?selected_host=2": f"/virtual/{virtual}",
        "virtual_edit_real.php?selected_host=2&selected=1": f"/virtual/{virtual}/real",
        "virtual_edit_services.php?selected_host=2": f"/virtual/{virtual}/scripts",
        "virtual_edit_real_edit.php?selected_host=2&selected=2": f"/virtual/{virtual}/real/{servers[1]}",
        "virtual_edit_real_edit.php?selected_host=2&selected=9": f"/virtual/{virtual}/real",
        "virtual_edit_real_edit.php?selected_host=2": f"/virtual/{virtual}/real",
    }
    for old, new in led.items():
        for root in ("/secure/", "/piranha/secure/"):
            answer = admin.get(root + old)
            assert (answer.status_code, answer.location) == (302, new)
        assert admin.get(new).status_code == 200


@pytest.mark.parametrize("number", ["", "0", "3", "-1", "x", "٢", "9" * 5000])
def test_a_place_that_is_not_there_leads_to_the_list(
    admin: Person, ids: list[tuple[int, list[int]]], number: str
) -> None:
    assert admin.get(f"/secure/virtual_edit_virt.php?selected_host={number}").location == "/virtual"


@pytest.mark.parametrize(
    "path", ["/secure/nothing.php", "/piranha//evil.example/", "/piranha/https://evil.example"]
)
def test_other_addresses_lead_nowhere(admin: Person, path: str) -> None:
    answer = admin.get(path)
    if answer.location:
        assert answer.location == "http://localhost/piranha/evil.example/"
        answer = admin.follow(answer)
    assert answer.status_code == 404


def test_they_ask_for_a_sign_in_first_and_lead_on_after_it(anybody: Person) -> None:
    answer = anybody.get("/secure/virtual_main.php")
    assert answer.location == "/login?next=/secure/virtual_main.php"
