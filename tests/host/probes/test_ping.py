"""Ping: hosts that answer and hosts that do not."""

import os
import subprocess
import sys
from ipaddress import ip_address

import pytest

from app.lvs.check import CheckKind, Outcome
from lab.installation import AS_WEB
from tests.host.probes.asking import ask, check

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a raw socket needs CAP_NET_RAW")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_host_that_answers_passes(address: str) -> None:
    result = ask(check(0, CheckKind.PING, address=ip_address(address)))
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message == f"ping {address}: answered"


# In the lab, where another user reaches this clone wherever it is.
@pytest.mark.kernel
def test_without_the_privilege_it_is_the_directors_lack() -> None:
    script = (
        "from tests.host.probes.asking import ask, check; from app.lvs.check import CheckKind; "
        "r = ask(check(0, CheckKind.PING)); print(r.outcome.name, r.message)"
    )
    command = [*AS_WEB, sys.executable, "-B", "-c", script]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert said.startswith("NOT_RUN")
    assert "CAP_NET_RAW" in said
