"""Ping: hosts that answer and hosts that do not."""

import os
import subprocess
import sys
from ipaddress import ip_address

import pytest

from app.host.probes.kinds.ping import reply
from app.lvs.checks.check import Outcome
from app.lvs.model.check_kinds import CheckKind
from lab.installation import AS_WEB
from tests.host.probes.asking import ask, check

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a raw socket needs CAP_NET_RAW")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_host_that_answers_passes(address: str) -> None:
    result = ask(check(0, CheckKind.PING, address=ip_address(address)))
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message == f"ping {address}: answered"


def test_it_asks_from_the_address_and_through_the_interface_that_are_named() -> None:
    source = ip_address("127.0.0.5")
    assert ask(check(0, CheckKind.PING, source=source, interface="lo")).outcome is Outcome.PASSED
    result = ask(check(0, CheckKind.PING, source=ip_address("192.0.2.77")))
    assert result.outcome is Outcome.NOT_RUN
    assert "cannot use the source address 192.0.2.77" in result.message
    result = ask(check(0, CheckKind.PING, interface="nosuch0"))
    assert result.outcome is Outcome.NOT_RUN
    assert "cannot use the interface nosuch0" in result.message


@pytest.mark.parametrize(("version", "header", "kind"), [(4, b"\x45" + bytes(19), 0), (6, b"", 129)])
def test_only_the_echo_of_this_ping_is_taken(version: int, header: bytes, kind: int) -> None:
    def packet(kind: int, mark: bytes) -> bytes:
        return header + bytes([kind, 0, 1, 2]) + mark + b"palometa"

    assert reply(version, b"mark", packet(kind, b"mark")) == packet(kind, b"mark")[len(header) :]
    assert reply(version, b"mark", packet(kind, b"kram")) is None
    # So our own request comes back from the loopback interface.
    assert reply(version, b"mark", packet(8 if version == 4 else 128, b"mark")) is None
    for cut in range(len(packet(kind, b"mark"))):
        assert reply(version, b"mark", packet(kind, b"mark")[:cut]) is None


# In the lab, where another user reaches this clone wherever it is.
@pytest.mark.kernel
def test_without_the_privilege_it_is_the_directors_lack() -> None:
    script = (
        "from tests.host.probes.asking import ask, check; from app.lvs.model.check_kinds import CheckKind; "
        "r = ask(check(0, CheckKind.PING)); print(r.outcome.name, r.message)"
    )
    command = [*AS_WEB, sys.executable, "-B", "-c", script]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert said.startswith("NOT_RUN")
    assert "CAP_NET_RAW" in said
