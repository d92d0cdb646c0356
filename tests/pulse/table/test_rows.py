"""The rows of the routing table while a configuration is being applied."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType

import pytest

from app.host.probes.kinds.program import Programs
from app.host.probes.prober import Prober
from app.lvs.desired.table import desired
from app.lvs.ipvs.counters import Counters, DestinationCounters, ServiceCounters
from app.lvs.ipvs.table import ServiceKey, Table
from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.values import AdminState, Floating
from app.pulse.events.log import EventLog
from app.pulse.health.keeper import HealthKeeper
from app.pulse.table.rows import Kernel, TableRows

WEB = VirtualServer(
    name="web",
    active=True,
    address=Floating(ip_address("192.0.2.1"), "eth0:1"),
    port=80,
    check=CheckKind.NONE,
    server=tuple(
        RealServer(name=f"web{n}", address=ip_address("10.0.0.0") + n, active=True, weight=1) for n in (1, 2)
    ),
)
BEFORE = Config(virtual=(WEB,))


def kernel(
    table: Table,
    addresses: Mapping[str, str] = MappingProxyType({"192.0.2.1": "up"}),
    is_known: Callable[[ServiceKey], bool] = lambda key: True,
) -> Kernel:
    counters = {
        key: ServiceCounters(
            Counters(),
            {destination.key: DestinationCounters(0, 0, 0, Counters()) for destination in service.destinations},
        )
        for key, service in table.items()
    }
    totals = {key: Counters() for key in table}
    return Kernel(table, counters, totals, is_known, addresses)


def states(shown: Config, judged: Config) -> list[tuple[str, str]]:
    """Return the rows of `shown` while the checks are those of `judged` already."""

    async def read() -> list[tuple[str, str]]:
        health = HealthKeeper(Prober(Programs(Path("/"), "nobody")), lambda: None, EventLog())
        held = kernel(desired(shown))
        health.apply_config(judged, held.table)
        [row] = TableRows(health).all(shown, held)
        assert health.report(0, 1, shown.virtual[0]) is None or shown is judged
        await health.stop()
        return [(server.name, server.state) for server in row.servers]

    return asyncio.run(read())


def test_a_server_that_is_just_being_taken_out_breaks_no_page() -> None:
    after = Config(virtual=(replace(WEB, server=WEB.server[1:]),))
    assert states(BEFORE, BEFORE) == [("web1", "unchecked"), ("web2", "unchecked")]
    assert states(BEFORE, after) == [("web1", "unknown"), ("web2", "unknown")]


def test_no_server_is_shown_in_the_state_of_the_one_that_takes_its_place() -> None:
    drained = replace(WEB.server[1], admin_state=AdminState.DRAIN)
    after = Config(virtual=(replace(WEB, server=(drained, WEB.server[0])),))
    assert states(BEFORE, after) == [("web1", "unknown"), ("web2", "unknown")]


def test_a_server_to_which_the_kernel_sends_nobody_new_is_not_shown_as_serving() -> None:
    idle = Config(virtual=(replace(WEB, server=(replace(WEB.server[0], weight=0), WEB.server[1])),))
    assert states(idle, idle) == [("web1", "idle"), ("web2", "unchecked")]
    assert states(idle, BEFORE)[0] == ("web1", "unknown")


IN_ROTATION = desired(BEFORE)
[KEY] = IN_ROTATION
ALL_IDLE = {
    KEY: replace(
        IN_ROTATION[KEY],
        destinations=tuple(replace(destination, weight=0) for destination in IN_ROTATION[KEY].destinations),
    )
}


@pytest.mark.parametrize(
    ("held", "state"),
    [
        (kernel(IN_ROTATION), "up"),
        (kernel({}), "missing"),
        (kernel(ALL_IDLE), "down"),
        (kernel({KEY: replace(IN_ROTATION[KEY], destinations=())}), "down"),
        (kernel(IN_ROTATION, is_known=lambda key: False), "unknown"),
        (kernel(IN_ROTATION, addresses={"192.0.2.1": "failed"}), "unreachable"),
        (kernel(IN_ROTATION, addresses={"192.0.2.1": "refused"}), "unreachable"),
        (kernel(IN_ROTATION, addresses={"192.0.2.1": "standby"}), "standby"),
        (kernel(IN_ROTATION, addresses={"192.0.2.1": "probing"}), "unknown"),
        (kernel(IN_ROTATION, addresses={}), "unknown"),
    ],
)
def test_a_service_is_up_only_if_clients_get_to_servers_that_serve(held: Kernel, state: str) -> None:
    async def read() -> str:
        health = HealthKeeper(Prober(Programs(Path("/"), "nobody")), lambda: None, EventLog())
        health.apply_config(BEFORE, IN_ROTATION)
        [row] = TableRows(health).all(BEFORE, held)
        await health.stop()
        return row.state

    assert asyncio.run(read()) == state
