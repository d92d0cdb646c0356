"""Redis with redis-server: with and without a login, within TLS, and as a replica that lost its master."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

from app.lvs.checks.check import Login, TlsSettings
from app.lvs.model.check_kinds import CheckKind
from tests.free_ports import free_port
from tests.protocols.certificate import self_signed
from tests.protocols.servers import program, running
from tests.protocols.verdicts import (
    fails,
    fails_for_its_certificate,
    is_refused,
    passes,
    times_out_while_stopped,
)

DAYS = 30


@contextmanager
def serving(directory: Path, port: int, *settings: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [program("redis-server", "redis-server"), "--bind", "127.0.0.1", "::1", "--save", ""]
    listening = [] if "--tls-port" in settings else ["--port", str(port)]
    with running([*command, *listening, "--dir", directory, *settings], cwd=directory, port=port) as process:
        yield process


def test_it_is_well_until_it_is_stopped_or_gone(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, port) as process:
        assert passes(port, CheckKind.REDIS).endswith(": answered PONG")
        passes(port, CheckKind.REDIS, address=ip_address("::1"))
        assert "without any password" in fails(port, CheckKind.REDIS, login=Login("default", "needless"))
        times_out_while_stopped(process, port, CheckKind.REDIS)
    is_refused(port, CheckKind.REDIS)


def test_it_is_well_for_its_users_and_for_those_it_does_not_know(tmp_path: Path) -> None:
    port = free_port()
    users = ["--requirepass", "open sesame"]
    users += ["--user", "reader", "on", ">hunter2", "+ping", "--user", "mute", "on", ">hunter2"]
    with serving(tmp_path, port, *users):
        assert "in service, login refused: '-NOAUTH" in passes(port, CheckKind.REDIS)
        assert passes(port, CheckKind.REDIS, login=Login("reader", "hunter2")).endswith(": answered PONG")
        assert passes(port, CheckKind.REDIS, login=Login("default", "open sesame")).endswith(": answered PONG")
        assert "in service, login refused: '-NOPERM" in passes(
            port, CheckKind.REDIS, login=Login("mute", "hunter2")
        )
        assert "answered '-WRONGPASS" in fails(port, CheckKind.REDIS, login=Login("reader", "wrong"))


def test_it_is_well_within_tls_and_not_without(tmp_path: Path) -> None:
    port = free_port()
    files = self_signed(tmp_path, DAYS)
    tls = ["--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no"]
    tls += ["--tls-cert-file", str(files.certificate), "--tls-key-file", str(files.key)]
    tls += ["--tls-ca-cert-file", str(files.certificate)]
    with serving(tmp_path, port, *tls):
        assert "Redis over TLS PING to" in passes(port, CheckKind.REDIS, tls=TlsSettings())
        fails_for_its_certificate(port, CheckKind.REDIS, DAYS)
        fails(port, CheckKind.REDIS)


def test_a_replica_without_its_master_is_not_well_where_it_may_not_answer(tmp_path: Path) -> None:
    port = free_port()
    replica = ["--replicaof", "127.0.0.1", str(free_port()), "--replica-serve-stale-data", "no"]
    with serving(tmp_path, port, *replica):
        assert "answered '-MASTERDOWN" in fails(port, CheckKind.REDIS)
