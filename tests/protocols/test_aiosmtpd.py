"""SMTP with aiosmtpd."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def serving(directory: Path, *, is_tls: bool = False) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    if is_tls:
        files = self_signed(directory, DAYS)
        command += ["--smtpscert", str(files.certificate), "--smtpskey", str(files.key)]
    with running(command, cwd=directory, port=port) as process:
        yield port, process


def test_it_is_well_until_it_is_stopped_or_gone(tmp_path: Path) -> None:
    with serving(tmp_path) as (port, process):
        assert passes(port, CheckKind.SMTP).endswith(": answered with 250")
        times_out_while_stopped(process, port, CheckKind.SMTP)
    is_refused(port, CheckKind.SMTP)


def test_it_is_well_within_tls_and_not_without(tmp_path: Path) -> None:
    with serving(tmp_path, is_tls=True) as (port, _):
        assert "SMTPS EHLO to" in passes(port, CheckKind.SMTP, tls=TlsSettings())
        fails_for_its_certificate(port, CheckKind.SMTP, DAYS)
        fails(port, CheckKind.SMTP, limit_s=1)
