"""HOST: all that one machine serves, put into maintenance in one change."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from app.lvs.model.config import RealServer
from app.settings import Settings
from app.store import Store
from tests.web.clusters import WEB, save_cluster
from tests.web.filled_form import press
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

FRONT = replace(
    WEB,
    name="front",
    port=8080,
    server=(
        RealServer(name="f1", address=ip_address("192.168.26.21"), active=True, weight=1),
        RealServer(name="f2", address=ip_address("fd00::21"), active=True, weight=1),
    ),
)
PAGE = "/host/192.168.26.21"


@pytest.fixture(autouse=True)
def cluster(settings: Settings, store: Store) -> None:
    save_cluster(settings, store, FRONT)


def states(store: Store) -> dict[str, str]:
    return {
        f"{virtual.name}/{server.name}": str(server.admin_state)
        for virtual, server in store.snapshot().config.servers()
        if server.admin_state
    }


def test_it_lists_every_virtual_server_the_host_serves(admin: Person) -> None:
    html = admin.get(PAGE).text
    assert ">web</a>" in html
    assert ">front</a>" in html
    assert ">mail</a>" not in html
    assert "rs2" not in html


def test_an_address_leads_there_from_the_list_of_real_servers(admin: Person, store: Store) -> None:
    virtual = store.snapshot().virtual
    assert f'href="{PAGE}"' in admin.get(f"/virtual/{virtual[0].id}/real").text
    assert 'href="/host/fd00::21"' in admin.get(f"/virtual/{virtual[2].id}/real").text


def test_one_press_acts_in_all_services_in_one_revision(admin: Person, store: Store) -> None:
    before = store.snapshot().serial_no
    answer = press(admin, PAGE, "MAINTENANCE", {"admin_reason": "new memory"})
    assert answer.location == PAGE
    assert states(store) == {"web/rs1": "maintenance", "front/f1": "maintenance"}
    assert store.snapshot().serial_no == before + 1
    assert store.revisions(1)[0].summary == "host 192.168.26.21 maintenance, new memory: web, front"


def test_ready_ends_it_everywhere(admin: Person, store: Store) -> None:
    press(admin, PAGE, "DRAIN")
    press(admin, PAGE, "READY")
    assert states(store) == {}


def test_another_spelling_of_an_address_is_the_same_host(admin: Person) -> None:
    assert ">front</a>" in admin.get("/host/fd00:0:0::21").text


@pytest.mark.parametrize("address", ["192.168.26.99", "rs1", "1", "192.168.26.21.1"])
def test_a_host_that_serves_nothing_is_not_found(admin: Person, address: str) -> None:
    assert admin.get(f"/host/{address}").status_code == 404


def test_a_change_of_the_hosts_states_meanwhile_is_shown_first(admin: Person, store: Store) -> None:
    opened = admin.get(PAGE)
    row = store.snapshot().virtual[2]
    press(admin, f"/virtual/{row.id}/real/{row.servers[0].id}/state", "DRAIN")
    answer = press(admin, opened, "MAINTENANCE")
    assert answer.status_code == 409
    assert states(store) == {"front/f1": "drain"}


def test_a_wrong_time_changes_nothing(admin: Person, store: Store) -> None:
    assert press(admin, PAGE, "DRAIN", {"admin_until": "soon"}).status_code == 422
    assert states(store) == {}


def test_it_warns_where_the_host_is_the_last_one(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["applied"] = {"serial_no": 1, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    for server in pulse.report["servers"][1:]:
        server["is_in"] = False
    assert "fewer than 1" in admin.get(PAGE).text


def test_it_does_not_warn_while_another_server_is_in(admin: Person, pulse: PulseDouble) -> None:
    pulse.report["applied"] = {"serial_no": 1, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    for position in (0, 2):
        pulse.report["servers"][1 + position // 2].update({"position": position, "index": 1, "is_in": True})
    assert "fewer than" not in admin.get(PAGE).text


def test_nobody_signed_out_gets_there(anybody: Person) -> None:
    assert anybody.get(PAGE).location == "/login?next=/host/192.168.26.21"
