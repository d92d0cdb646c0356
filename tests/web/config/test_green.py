"""Green only where clients are served: of a service that serves nobody no page shows anything in green."""

import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.lvs.keywords.table import added
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.keyword import BlockKind
from app.lvs.table_page.rows import SERVICE_STATES
from app.settings import Settings
from app.store import Store
from app.web.frame.badges import UP, state_badge
from tests.web.clusters import WEB, save, save_cluster
from tests.web.person import Person
from tests.web.pulse_double import PulseDouble

Change = Callable[[PulseDouble], object]


def serving(pulse: PulseDouble) -> None:
    """Let pulse report that web has both of its servers in the kernel and that their checks pass."""
    report = pulse.report
    report["applied"] = {"serial_no": 1, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
    service = report["services"][0]
    for name, address, destination, server in zip(
        ("rs1", "rs2"),
        ("192.168.26.21", "192.168.26.22"),
        service["destinations"][:2],
        report["servers"][:2],
        strict=True,
    ):
        destination.update({"name": name, "address": address, "weight": 1})
        server.update({"name": name, "address": address})
    service["destinations"] = service["destinations"][:2]
    report["services"], report["servers"] = [service], report["servers"][:2]


def virtual_ip(state: str) -> Change:
    def change(pulse: PulseDouble) -> None:
        pulse.report["addresses"][0].update({"state": state, "message": f"it is {state}"})

    return change


def servers(**changes: object) -> Change:
    def change(pulse: PulseDouble) -> None:
        for server in pulse.report["servers"]:
            server.update(changes)  # type: ignore[typeddict-item]

    return change


def at_weight_0(pulse: PulseDouble) -> None:
    for destination in pulse.report["services"][0]["destinations"]:
        destination["weight"] = 0


def all_out(pulse: PulseDouble) -> None:
    servers(state="down", is_in=False, weight=None)(pulse)
    pulse.report["services"][0]["destinations"] = []


def said(**part: object) -> Change:
    return lambda pulse: pulse.report.update(part)  # type: ignore[typeddict-item]


def unreadable(pulse: PulseDouble) -> None:
    """The kernel has not said what is in its table for a minute, so what is reported was true then."""
    pulse.report["table_seen_at"] = time.time() - 60
    pulse.report["trouble"] = ["the kernel no longer answers"]


REFUSED = [{"severity": "error", "path": [], "message": "no such key", "line": 3, "column": 1}]
OLDER = {"serial_no": 0, "at": 0.0, "duration_ms": 1.0, "changes": 0, "remained": []}
BROKEN: dict[str, tuple[Change, str]] = {
    "its virtual IP failed": (virtual_ip("failed"), "192.168.26.10 is not up: it is failed"),
    "another machine has its virtual IP": (virtual_ip("refused"), "192.168.26.10 is not up: it is refused"),
    "whether another machine has it is asked": (virtual_ip("probing"), "192.168.26.10 is not up: it is probing"),
    "its interface has no link": (virtual_ip("unplugged"), "192.168.26.10 is not up: it is unplugged"),
    "its virtual IP was not tried yet": (virtual_ip("unknown"), "192.168.26.10 is not up: it is unknown"),
    "neither router has its virtual IP, or the other": (
        virtual_ip("standby"),
        "192.168.26.10 is not up: it is standby",
    ),
    "its virtual IP is in no report": (said(addresses=[]), "192.168.26.10 is not up yet"),
    "it is not in the kernel": (said(services=[]), "see CONTROL/MONITORING"),
    "its servers are at weight 0": (at_weight_0, "all of them at weight 0: no new clients"),
    "its servers are out": (all_out, "rs1: READ from 192.168.26.21:80: answered as expected"),
    "its servers fail and are kept in": (servers(state="down"), "the checks of all of them fail"),
    "its servers are no longer checked": (servers(state="stale"), "whether they answer is not known"),
    "its servers were not checked yet": (servers(state="unknown"), "whether they answer is not known"),
    "the table cannot be read": (unreadable, "the kernel no longer answers"),
    "the module of IPVS is gone": (said(kernel="", trouble=["load ip_vs"], services=[]), "load ip_vs"),
    "pulse refuses the file": (said(applied=OLDER, refused=REFUSED), "pulse rejects lvs.cf: no such key"),
    "pulse has not applied it": (said(applied=OLDER), "pulse has not applied it yet"),
    "pulse has applied nothing": (said(applied=None), "pulse has not applied it yet"),
}


def row(admin: Person) -> str:
    """Return the row of web on VIRTUAL SERVERS."""
    rows: list[str] = re.findall(r"<tr>.*?</tr>", admin.get("/virtual").text, re.DOTALL)
    [found] = [shown for shown in rows if ">web<" in shown]
    return found


@pytest.fixture(autouse=True)
def _cluster(settings: Settings, store: Store) -> None:
    save_cluster(settings, store)


def test_a_service_that_serves_is_green(admin: Person, pulse: PulseDouble) -> None:
    serving(pulse)
    assert re.findall(r'class="badge (\w+)"', row(admin)) == ["info", "up"]
    assert "yes, 2 of 2 servers" in row(admin)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_service_that_serves_nobody_is_not(admin: Person, pulse: PulseDouble, broken: str) -> None:
    serving(pulse)
    change, why = BROKEN[broken]
    change(pulse)
    shown = row(admin)
    assert 'class="badge up"' not in shown
    assert why in shown


def test_nothing_is_green_while_pulse_is_stopped(admin: Person) -> None:
    assert 'class="badge up"' not in row(admin)
    assert 'class="badge up"' not in admin.get("/control").text


@pytest.mark.parametrize("changed", [replace(WEB, active=False), replace(WEB, server=())])
def test_a_service_without_an_active_server_or_that_is_deactivated_is_not(
    admin: Person, pulse: PulseDouble, settings: Settings, store: Store, changed: VirtualServer
) -> None:
    save(settings, store, Config(**added(BlockKind.GLOBAL), virtual=(changed,)))
    serving(pulse)
    assert pulse.report["applied"] is not None
    pulse.report["applied"]["serial_no"] = store.snapshot().serial_no
    if not changed.active:
        pulse.report["services"] = []
    assert 'class="badge up"' not in row(admin)


@pytest.mark.parametrize("state", ["standby", "failed", "refused", "unplugged", "probing", "unknown"])
def test_control_shows_no_service_in_green_whose_virtual_ip_is_not_up(
    admin: Person, pulse: PulseDouble, state: str
) -> None:
    serving(pulse)
    virtual_ip(state)(pulse)
    [service] = re.findall(r'<tr class="service.*?</tr>', admin.get("/control").text, re.DOTALL)
    assert 'class="badge up"' not in service


def test_one_state_of_a_service_alone_is_green() -> None:
    assert [state for state in SERVICE_STATES if state_badge(state, is_service=True).kind is UP] == ["up"]
