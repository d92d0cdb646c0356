"""PostgreSQL: users that exist and do not, hosts it does not take, a full server and one that shuts down."""

import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from app.lvs.model.check_kinds import CheckKind
from tests.free_ports import free_port
from tests.protocols.servers import as_user, program, running
from tests.protocols.verdicts import fails, is_refused, passes, times_out_while_stopped

KIND = CheckKind.POSTGRESQL
CONNECTIONS_MAX = 2
# Not asked by connecting: that takes a place for longer than the connection lasts.
STARTED = "database system is ready to accept connections"
READY = b"Z\0\0\0\x05I"
WHO = "host all owner 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(frozen=True, slots=True)
class Served:
    process: subprocess.Popen[bytes]
    port: int
    output: Path


@contextmanager
def serving(directory: Path) -> Iterator[Served]:
    server = program("/usr/lib/postgresql/*/bin/postgres", "postgresql")
    install = program("/usr/lib/postgresql/*/bin/initdb", "postgresql")
    port, data, output = free_port(), directory / "data", directory / "output"
    somebody = as_user("nobody", directory)
    made = [*somebody, install, "-D", str(data), "-U", "owner", "--auth=trust", "--no-sync", "--locale=C"]
    subprocess.run(made, check=True, capture_output=True, cwd=directory)
    (data / "pg_hba.conf").write_text(WHO)
    settings = {
        "listen_addresses": "127.0.0.1,::1",
        "unix_socket_directories": "",
        "max_connections": CONNECTIONS_MAX,
        "superuser_reserved_connections": 0,
        "max_wal_senders": 0,
    }
    command = [*somebody, server, "-D", str(data), "-p", str(port), "-F"]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    with running(command, cwd=directory, ready=lambda: STARTED in output.read_text()) as process:
        yield Served(process, port, output)


@contextmanager
def guest(port: int) -> Iterator[None]:
    """Hold a connection of the owner's."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        words = b"user\0owner\0database\0postgres\0\0"
        connection.sendall(struct.pack("!II", len(words) + 8, 3 << 16) + words)
        answer = b""
        while not answer.endswith(READY):
            data = connection.recv(4096)
            assert data, answer
            answer += data
        yield


def test_it_is_well_until_it_is_stopped_or_gone(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        said = passes(served.port, KIND)
        assert said == f"PostgreSQL connection to 127.0.0.1:{served.port} as palometa: asks for authentication"
        assert passes(served.port, KIND, name="owner").endswith("as owner: accepted the login")
        times_out_while_stopped(served.process, served.port, KIND)
    is_refused(served.port, KIND)


def test_the_log_says_nothing_of_a_check(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        before = served.output.read_text()
        for name in ("", "owner"):
            passes(served.port, KIND, name=name)
        with guest(served.port):
            # By now it is through with those before.
            pass
        assert served.output.read_text() == before


def test_a_host_it_does_not_take_finds_a_server_that_serves(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        said = passes(served.port, KIND, address=ip_address("::1"))
        assert 'in service, user refused: \'no pg_hba.conf entry for host "::1"' in said


def test_a_full_server_is_not_well(tmp_path: Path) -> None:
    with serving(tmp_path) as served, guest(served.port), guest(served.port):
        said = fails(served.port, KIND, name="owner")
        assert said.endswith(": refused with '53300' 'sorry, too many clients already'")


def test_a_server_that_shuts_down_is_not_well(tmp_path: Path) -> None:
    with serving(tmp_path) as served, guest(served.port):
        served.process.terminate()
        while "received smart shutdown request" not in served.output.read_text():
            assert served.process.poll() is None
        assert "refused with '57P03' 'the database system is shutting down'" in fails(served.port, KIND)
