"""A pair whose configuration calls the interface by another name of it, as a file of another machine may."""

import pytest

from lab import namespaces
from tests.pulse.two_directors.pair import PAIR, PairOfDirectors

pytestmark = [pytest.mark.kernel, pytest.mark.long]

OTHER = "enp3s0"
PLAN = PAIR.replace("eth0:1", f"{OTHER}:1").replace("syncd_iface = eth0", f"syncd_iface = {OTHER}")


def test_after_a_switch_one_router_has_the_address_under_whichever_name(started: PairOfDirectors) -> None:
    for director in started.directors:
        namespaces.ip(director.node.name, [f"link property add dev eth0 altname {OTHER}"])
    started.apply("monitor_links = 1\n", plan=PLAN)
    for owner in (started.first, started.second):
        other = started.other(owner)
        started.settle(owner)
        assert owner.switch()["has_moved"]
        started.until(lambda own=owner: not own.has_address, "the address goes")  # type: ignore[misc]
        assert [director.has_address for director in (owner, other)] == [False, True]
        assert [sync["interface"] for sync in other.status()["daemons"]] == ["eth0"]
        assert [report["device"] for report in other.status()["addresses"]] == [f"{OTHER}:1"]
        conf = (other.installation.runtime_directory / "keepalived.conf").read_text()
        assert OTHER not in conf
    started.apply(plan=PLAN.replace("     active = 1\n     address", "     active = 0\n     address"))
    started.until(lambda: not any(director.has_address for director in started.directors), "nobody has it")
