"""NTP with chrony: a clock it trusts, and one it does not."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import SOCK_DGRAM

from app.lvs.model.check_kinds import CheckKind
from tests.free_ports import free_port
from tests.protocols.loopback import each_address, is_well_until_it_is_stopped_or_gone, taken
from tests.protocols.servers import as_user, program, running
from tests.protocols.verdicts import fails

CONFIGURATION = """
port {port}
cmdport 0
bindcmdaddress /
bindaddress 127.0.0.1
bindaddress ::1
allow
pidfile {directory}/chronyd.pid
user nobody
{more}
"""


@contextmanager
def serving(directory: Path, more: str = "") -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    chronyd = program("chronyd", "chrony")
    port = free_port(SOCK_DGRAM)
    configuration = directory / "chrony.conf"
    configuration.write_text(CONFIGURATION.format(port=port, directory=directory, more=more))
    # -x: the clock of this machine is none of its business.
    command: list[str | Path] = [*as_user("nobody", directory), chronyd, "-d", "-x", "-U", "-f", configuration]
    with running(command, cwd=directory, ready=taken(port, CheckKind.NTP)) as process:
        yield port, process


@each_address
def test_it_is_well_until_it_is_stopped_or_gone(tmp_path: Path, address: str) -> None:
    with serving(tmp_path, "local stratum 9") as (port, process):
        said = is_well_until_it_is_stopped_or_gone(process, port, CheckKind.NTP, address)
    assert ": stratum 9, 0.0" in said


def test_a_server_without_a_time_to_trust_fails(tmp_path: Path) -> None:
    with serving(tmp_path) as (port, _):
        assert fails(port, CheckKind.NTP).endswith(": answered that its clock is not synchronized")
