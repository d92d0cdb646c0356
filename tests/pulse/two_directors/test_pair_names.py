"""A pair whose configuration calls the interface by another name of it, as a file of another machine may."""

import pytest

from lab import namespaces
from tests.pulse.two_directors.pair import PAIR, PairDirector, PairOfDirectors

pytestmark = [pytest.mark.kernel, pytest.mark.long]

OTHER = "enp3s0"
PLAN = PAIR.replace("eth0:1", f"{OTHER}:1").replace("syncd_iface = eth0", f"syncd_iface = {OTHER}")


def until_alone(pair: PairOfDirectors, owner: PairDirector) -> None:
    """Return when `owner` has the address and the other one does not."""
    pair.until(lambda: owner.has_address and not pair.other(owner).has_address, f"{owner.node.name} alone has it")


def test_after_a_switch_one_router_has_the_address_under_whichever_name(started: PairOfDirectors) -> None:
    for director in started.directors:
        namespaces.ip(director.node.name, [f"link property add dev eth0 altname {OTHER}"])
    started.apply("monitor_links = 1\n", plan=PLAN)
    for owner in started.directors:
        other = started.other(owner)
        started.settle(owner)
        assert owner.switch()["has_moved"]
        until_alone(started, other)
        other.wait(lambda status: [daemon["interface"] for daemon in status["daemons"]] == ["eth0"])
        assert [report["device"] for report in other.status()["addresses"]] == [f"{OTHER}:1"]
        assert OTHER not in (other.installation.runtime_directory / "keepalived.conf").read_text()
        until_alone(started, other)
    started.apply(plan=PLAN.replace("     active = 1\n     address", "     active = 0\n     address"))
    started.until(lambda: not any(director.has_address for director in started.directors), "nobody has it")
