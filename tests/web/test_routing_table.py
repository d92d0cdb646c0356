"""Which services a page of the routing table shows."""

import pytest

from app.web.routing_table import SERVICES_A_PAGE, choose, local_address
from tests.web.pulse_double import a_service, recorded_report

SERVICES = recorded_report()["services"]


def names(wanted: str) -> list[str | None]:
    return [service["owner"] for service in choose(SERVICES, wanted, 1).services]


def test_without_a_filter_all_are_shown_in_their_order() -> None:
    assert names("") == ["web", "shop https", None, "dns", "web6", "marked"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("shop", ["shop https"]),
        ("UDP", ["dns"]),
        ("not ours", [None]),
        ("2001:db8", ["web6"]),
        ("192.168.26.31", ["dns"]),
        ("ns2", ["dns"]),
        ("tcp :443", ["shop https"]),
        ("persistent", ["shop https"]),
        ("nowhere", []),
    ],
)
def test_a_filter_keeps_the_services_that_hold_each_of_its_words(wanted: str, found: list[str | None]) -> None:
    assert names(wanted) == found


def test_many_services_are_shown_in_parts() -> None:
    services = [a_service(number) for number in range(2 * SERVICES_A_PAGE + 1)]
    shown = choose(services, "", 3)
    assert (shown.page, shown.pages, shown.total) == (3, 3, len(services))
    assert list(shown.services) == services[2 * SERVICES_A_PAGE :]


@pytest.mark.parametrize("page", [0, -1, 99])
def test_a_part_that_is_not_there_is_the_nearest_one(page: int) -> None:
    assert choose(SERVICES, "", page).page == 1


def test_a_firewall_mark_stands_where_the_address_would() -> None:
    marked = SERVICES[-1]
    assert local_address(marked) == "7"
    assert local_address({**marked, "family": 6}) == "7 IPv6"
