"""gRPC with grpcio: health of the server and of a service, without the health service, and within TLS."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

from app.lvs.checks.check import TlsSettings
from app.lvs.model.check_kinds import CheckKind
from tests.free_ports import free_port
from tests.protocols.certificate import self_signed
from tests.protocols.servers import running
from tests.protocols.verdicts import (
    fails,
    fails_for_its_certificate,
    is_refused,
    passes,
    times_out_while_stopped,
)

DAYS = 30
SCRIPT = Path(__file__).with_name("grpc_server.py")


@contextmanager
def serving(directory: Path, health: str, *files: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    command = [sys.executable, str(SCRIPT), str(port), health, *map(str, files)]
    with running(command, cwd=directory, port=port) as process:
        yield port, process


def test_it_is_well_until_it_is_stopped_or_gone(tmp_path: Path) -> None:
    with serving(tmp_path, "SERVING") as (port, process):
        said = passes(port, CheckKind.GRPC)
        assert said == f"gRPC health of the server from 127.0.0.1:{port}: SERVING"
        passes(port, CheckKind.GRPC, name="shop")
        passes(port, CheckKind.GRPC, address=ip_address("::1"))
        times_out_while_stopped(process, port, CheckKind.GRPC)
    is_refused(port, CheckKind.GRPC)


def test_a_server_that_does_not_serve_says_so_and_its_services_for_themselves(tmp_path: Path) -> None:
    with serving(tmp_path, "NOT_SERVING") as (port, _):
        assert fails(port, CheckKind.GRPC).endswith(": NOT_SERVING")
        passes(port, CheckKind.GRPC, name="shop")
        assert "status NOT_FOUND: the server knows no such service" in fails(port, CheckKind.GRPC, name="cart")


def test_a_server_without_a_health_service_is_not_well(tmp_path: Path) -> None:
    with serving(tmp_path, "none") as (port, _):
        assert "status UNIMPLEMENTED: the server has no health service" in fails(port, CheckKind.GRPC)


def test_it_is_well_within_tls_and_not_without(tmp_path: Path) -> None:
    files = self_signed(tmp_path, DAYS)
    with serving(tmp_path, "SERVING", files.key, files.certificate) as (port, _):
        assert "gRPC over TLS health of" in passes(port, CheckKind.GRPC, tls=TlsSettings())
        fails_for_its_certificate(port, CheckKind.GRPC, DAYS)
        fails(port, CheckKind.GRPC, limit_s=1)
