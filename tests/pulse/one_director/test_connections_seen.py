"""The real pulse, with the rights it has when installed, tells the connections of real clients."""

from typing import cast

import pytest

from app.host.control_client import ask
from app.lvs.reports.connections import ConnectionsReport
from lab.network import CLIENT, VIRTUAL4
from tests.pulse.director import Director
from tests.pulse.web_service_cf import lvs_cf

pytestmark = pytest.mark.kernel


def test_a_client_is_told_its_server_and_that_a_template_keeps_it_there(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1, "     persistent = 300"))
    [who] = set(director.answers(f"http://{VIRTUAL4}/", 4))
    client = str(CLIENT.legs[0].ipv4)
    report = cast(ConnectionsReport, ask(director.socket, "connections", {"client": client}, 28))
    assert (report["found"], report["templates"]) == (5, 1)
    [where] = report["next_servers"]
    assert where["why"] == "template"
    assert where["server"] == f"10.36.0.1{who.removeprefix('web')}"
    printed = director.palometa("status", "-c", "--client", client)
    assert printed.returncode == 0
    assert len([line for line in printed.stdout.splitlines() if line.endswith(f"{where['server']}:80")]) == 5
    assert "a persistence template keeps this client" in printed.stderr
    assert (
        director.palometa("status", "--stats").stdout.splitlines()[0].startswith("IP Virtual Server version 1.2.1")
    )
