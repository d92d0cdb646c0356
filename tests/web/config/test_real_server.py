"""EDIT REAL SERVER: one real server's fields."""

from ipaddress import IPv4Address

import pytest

from app.lvs.model.values import Network, TunnelChecksum, TunnelType
from app.settings import Settings
from app.store import Store
from tests.web.clusters import Ids, save_cluster
from tests.web.filled_form import press
from tests.web.person import Person


@pytest.fixture
def ids(settings: Settings, store: Store) -> Ids:
    return save_cluster(settings, store)


@pytest.fixture
def page(ids: Ids) -> str:
    return f"/virtual/{ids.web}/real/{ids.rs1}"


def test_it_says_what_a_blank_port_means(admin: Person, page: str) -> None:
    assert "Leave blank to default to Virtual Server&#39;s Application Port" in admin.get(page).text


def test_accept_saves_every_field(admin: Person, store: Store, page: str) -> None:
    changes: dict[str, str | None] = {
        "name": "front one",
        "address": "192.168.26.77",
        "port": "8080",
        "weight": "100",
        "network": "tunnel",
        "upper_threshold": "1000",
        "lower_threshold": "800",
        "tunnel_type": "gue",
        "tunnel_port": "6080",
        "tunnel_checksum": "remcsum",
    }
    assert press(admin, page, "ACCEPT", changes).status_code == 303
    server = store.snapshot().config.virtual[0].server[0]
    assert (server.name, server.address, server.port) == ("front one", IPv4Address("192.168.26.77"), 8080)
    assert (server.weight, server.network) == (100, Network.TUNNEL)
    assert (server.upper_threshold, server.lower_threshold) == (1000, 800)
    assert (server.tunnel_type, server.tunnel_port) == (TunnelType.GUE, 6080)
    assert server.tunnel_checksum is TunnelChecksum.REMOTE


def test_it_stays_on_the_page_after_accept(admin: Person, page: str) -> None:
    assert press(admin, page, "ACCEPT", {"weight": "2"}).location == page


@pytest.mark.parametrize(
    ("box", "text", "says"),
    [
        ("weight", "70000", "it must be from 0 to 65535"),
        ("weight", "heavy", "is not a number"),
        ("port", "0", "it must be from 1 to 65535"),
        ("address", "", "An active real server requires one"),
        ("address", "192.168.26.22", "the kernel holds one entry per address and port"),
        ("address", "192.168.26.10", "packets would loop"),
        ("lower_threshold", "5", "The lower threshold 5 is above the upper threshold 0"),
    ],
)
def test_a_wrong_value_is_refused_with_a_reason_and_nothing_is_saved(
    admin: Person, store: Store, page: str, box: str, text: str, says: str
) -> None:
    answer = press(admin, page, "ACCEPT", {box: text})
    assert answer.status_code == 422
    assert says.lower() in answer.text.lower()
    assert store.snapshot().serial_no == 1


def test_another_port_than_the_services_is_a_warning_with_direct_routing(
    admin: Person, store: Store, page: str
) -> None:
    answer = press(admin, page, "ACCEPT", {"port": "8080"})
    assert answer.status_code == 303
    assert "Port 8080 has no effect: with direct routing" in admin.follow(answer).text


def test_cancel_goes_back_to_the_list(admin: Person, store: Store, ids: Ids, page: str) -> None:
    answer = press(admin, page, "CANCEL", {"weight": "9"})
    assert answer.location == f"/virtual/{ids.web}/real?selected={ids.rs1}"
    assert store.snapshot().serial_no == 1


def test_a_server_of_another_virtual_server_is_not_found_here(admin: Person, ids: Ids) -> None:
    assert admin.get(f"/virtual/{ids.mail}/real/{ids.rs1}").status_code == 404
