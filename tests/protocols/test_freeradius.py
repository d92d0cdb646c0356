"""RADIUS with FreeRADIUS: its status, a login, and the shared secret."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import SOCK_DGRAM
from typing import Any

import pytest

from app.lvs.checks.check import Login, Outcome
from app.lvs.model.check_kinds import CheckKind
from tests.free_ports import free_port
from tests.host.probes.asking import ask, check
from tests.protocols.directories import Directories
from tests.protocols.loopback import each_address, is_well_until_it_is_stopped_or_gone, taken
from tests.protocols.servers import as_user, program, running
from tests.protocols.verdicts import fails, passes

SECRET = b"a secret, shared"
# Longer than the 16 bytes that are hidden at a time.
PASSWORD = "hunter2 and twenty more"
CONFIGURATION = """
logdir = {directory}
run_dir = {directory}
libdir = /usr/lib/freeradius
pidfile = {directory}/pid
security {{
    reject_delay = 0
    status_server = yes
}}
log {{
    destination = stdout
}}
client four {{
    ipaddr = 127.0.0.1
    secret = "{secret}"
    require_message_authenticator = yes
}}
client six {{
    ipv6addr = ::1
    secret = "{secret}"
    require_message_authenticator = yes
}}
thread pool {{
    start_servers = 1
    max_servers = 2
    min_spare_servers = 1
    max_spare_servers = 1
    max_requests_per_server = 0
}}
modules {{
    pap {{
    }}
}}
server default {{
    listen {{
        type = auth
        ipaddr = 127.0.0.1
        port = {port}
    }}
    listen {{
        type = auth
        ipv6addr = ::1
        port = {port}
    }}
    listen {{
        type = acct
        ipaddr = 127.0.0.1
        port = {accounting_port}
    }}
    authorize {{
        if (&User-Name == "monitor") {{
            update control {{
                &Cleartext-Password := "{password}"
            }}
        }}
        pap
    }}
    authenticate {{
        Auth-Type PAP {{
            pap
        }}
    }}
    post-auth {{
        Post-Auth-Type REJECT {{
            update reply {{
                &Reply-Message := "not you"
            }}
        }}
    }}
}}
"""


@contextmanager
def serving(directory: Path) -> Iterator[tuple[int, int, subprocess.Popen[bytes]]]:
    freeradius = program("freeradius", "freeradius")
    port, accounting_port = free_port(SOCK_DGRAM), free_port(SOCK_DGRAM)
    values: dict[str, Any] = {"secret": SECRET.decode(), "password": PASSWORD, "directory": directory}
    text = CONFIGURATION.format(port=port, accounting_port=accounting_port, **values)
    (directory / "radiusd.conf").write_text(text)
    command: list[str | Path] = [*as_user("nobody", directory), freeradius, "-f", "-d", directory, "-l", "stdout"]
    ready = taken(port, CheckKind.RADIUS, secret=SECRET)
    with running(command, cwd=directory, ready=ready) as process:
        yield port, accounting_port, process


@pytest.fixture(scope="module")
def ports(directories: Directories) -> Iterator[tuple[int, int]]:
    with serving(directories.new()) as (port, accounting_port, _):
        yield port, accounting_port


@each_address
def test_it_is_well_until_it_is_stopped_or_gone(tmp_path: Path, address: str) -> None:
    with serving(tmp_path) as (port, _, process):
        said = is_well_until_it_is_stopped_or_gone(process, port, CheckKind.RADIUS, address, secret=SECRET)
    assert said.endswith(": answered Access-Accept")


def test_an_accounting_server_tells_its_status_too(ports: tuple[int, int]) -> None:
    said = passes(ports[1], CheckKind.RADIUS, secret=SECRET)
    assert said.startswith("RADIUS Status-Server to ")
    assert said.endswith(": answered Accounting-Response")


def test_a_user_is_let_in_with_the_right_password_only(ports: tuple[int, int]) -> None:
    said = passes(ports[0], CheckKind.RADIUS, secret=SECRET, login=Login("monitor", PASSWORD))
    assert said.endswith(": answered Access-Accept")
    for login in (Login("monitor", "wrong"), Login("monitor"), Login("nobody", PASSWORD)):
        said = fails(ports[0], CheckKind.RADIUS, secret=SECRET, login=login)
        assert said.endswith(": answered Access-Reject, 'not you'")


def test_with_another_secret_it_does_not_answer(ports: tuple[int, int]) -> None:
    result = ask(check(ports[0], CheckKind.RADIUS, secret=b"another"))
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, False)
    assert result.message.endswith(": timed out, no answer within 1 s")
