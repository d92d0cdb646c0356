"""MySQL with MariaDB: users that exist and do not, a server that is full, and the count of interrupted logins."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from ipaddress import ip_address
from pathlib import Path

from app.lvs.model.check_kinds import CheckKind
from tests.free_ports import free_port
from tests.protocols.servers import as_user, program, running
from tests.protocols.verdicts import fails, is_refused, passes, times_out_while_stopped
from tests.waiting import until

KIND = CheckKind.MYSQL
# Interrupted logins are counted by host, of 127.0.0.1 and without a look for the host's name not at all.
SOURCE = "127.0.0.2"
ERRORS_MAX, CONNECTIONS_MAX = 3, 10
# A statement to a line.
USERS = "CREATE USER watcher@'%';\nCREATE USER shop@'%' IDENTIFIED BY 'hunter2';\n"


@contextmanager
def serving(directory: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    server = program("mariadbd", "mariadb-server-core")
    install = program("mariadb-install-db", "mariadb-server-core")
    port, data, users = free_port(), directory / "data", directory / "users.sql"
    data.mkdir()
    users.write_text(USERS)
    somebody = as_user("nobody", directory)
    made = [*somebody, install, "--no-defaults", f"--datadir={data}", "--skip-test-db", "--skip-name-resolve"]
    installed = subprocess.run(made, check=False, capture_output=True, text=True, cwd=directory)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    command = [*somebody, server, "--no-defaults", f"--datadir={data}", "--socket=socket"]
    command += ["--bind-address=127.0.0.1", f"--port={port}", f"--pid-file={data}/pid"]
    command += [
        f"--max-connect-errors={ERRORS_MAX}",
        f"--max-connections={CONNECTIONS_MAX}",
        # Guests who say nothing stay, however slow the machine is.
        "--connect-timeout=600",
        f"--init-file={users}",
    ]
    with running(command, cwd=directory, port=port) as process:
        yield port, process


def drop(port: int) -> None:
    """Connect, listen to the greeting and hang up, as a check does that knows no better."""
    with closing(socket.create_connection(("127.0.0.1", port), source_address=(SOURCE, 0))) as connection:
        connection.recv(1024)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1024):
            pass


def test_it_is_well_until_it_is_stopped_or_gone(tmp_path: Path) -> None:
    with serving(tmp_path) as (port, process):
        assert f"MySQL login to 127.0.0.1:{port} as watcher: version 10." in passes(port, KIND, name="watcher")
        assert "in service, login refused: 'Access denied for user 'shop'" in passes(port, KIND, name="shop")
        assert "in service, login refused: 'Access denied for user 'palometa'" in passes(port, KIND)
        times_out_while_stopped(process, port, KIND)
    is_refused(port, KIND)


def test_no_check_counts_as_an_interrupted_login(tmp_path: Path) -> None:
    with serving(tmp_path) as (port, _):
        for name in ("", "watcher", "shop") * ERRORS_MAX:
            passes(port, KIND, name=name, source=ip_address(SOURCE))
        assert f"'unauthenticated' host: '{SOURCE}'" not in (tmp_path / "output").read_text()


def test_a_server_that_has_shut_this_director_out_is_not_well(tmp_path: Path) -> None:
    with serving(tmp_path) as (port, _):
        for _ in range(ERRORS_MAX):
            drop(port)
        said = fails(port, KIND, source=ip_address(SOURCE))
        assert "MySQL greeting of" in said
        assert "refused with error 1129: " in said


def is_greeted(guest: socket.socket) -> bool:
    """Return whether the first packet greets a guest, who has a place then, instead of refusing one."""
    with guest.makefile("rb") as said:
        return said.read(5)[4:] == b"\x0a"


def test_a_full_server_is_not_well(tmp_path: Path) -> None:
    with serving(tmp_path) as (port, _), ExitStack() as stack:
        for _ in range(CONNECTIONS_MAX + 1):
            # One may be refused, while the connection that found the server running still counts.
            until(
                lambda: is_greeted(stack.enter_context(socket.create_connection(("127.0.0.1", port)))), "a place"
            )
        assert fails(port, KIND).endswith(": refused with error 1040: 'Too many connections'")
