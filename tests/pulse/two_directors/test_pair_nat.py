"""A pair whose real servers have the router as their gateway: that address moves with the virtual IPs."""

import pytest

from tests.pulse.two_directors.pair import PAIR, PairOfDirectors

pytestmark = pytest.mark.kernel

NAT_ROUTER = "10.37.0.253"
NAT = PAIR.replace(
    "network = direct\n", f"network = nat\nnat_router = {NAT_ROUTER} eth1:1\nnat_nmask = 255.255.255.0\n"
)


def test_the_address_of_the_nat_router_moves_with_the_pair(started: PairOfDirectors) -> None:
    started.apply(plan=NAT)
    started.settle(started.first)
    started.until(lambda: _nat_routers(started) == [True, False], "the first one is the gateway")
    assert started.first.switch()["has_moved"]
    started.settle(started.second)
    started.until(lambda: _nat_routers(started) == [False, True], "the second one is the gateway")


def _nat_routers(pair: PairOfDirectors) -> list[bool]:
    return [
        f" {NAT_ROUTER}/" in director.run("ip", "-4", "address", "show", "dev", "eth1")
        for director in pair.directors
    ]
