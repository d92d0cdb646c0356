"""A service as ipvsadm names it."""

from app.web.live.service_label import local_address
from tests.web.pulse_double import recorded_report


def test_a_firewall_mark_stands_where_the_address_would() -> None:
    marked = recorded_report()["services"][-1]
    assert local_address(marked) == "7"
    assert local_address({**marked, "family": 6}) == "7 IPv6"
