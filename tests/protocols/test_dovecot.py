"""IMAP and POP3 with Dovecot, plain and within TLS."""

import grp
import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.lvs.checks.check import TlsSettings
from app.lvs.model.check_kinds import CheckKind
from tests.free_ports import free_port
from tests.protocols.certificate import self_signed
from tests.protocols.servers import as_user, program, running
from tests.protocols.verdicts import (
    fails,
    fails_for_its_certificate,
    is_refused,
    passes,
    times_out_while_stopped,
)

DAYS = 30
PROTOCOLS = {CheckKind.IMAP: "imap", CheckKind.POP3: "pop3"}
each_kind = pytest.mark.parametrize("kind", PROTOCOLS, ids=lambda kind: kind.value)
CONFIGURATION = """
protocols = {name}
listen = 127.0.0.1
base_dir = {directory}/run
state_dir = {directory}/run
log_path = {directory}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{directory}/mail
ssl = yes
ssl_cert = <{files.certificate}
ssl_key = <{files.key}
passdb {{
  driver = static
  args = password=hunter2
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={directory}/mail
}}
service {name}-login {{
  chroot =
  inet_listener {name} {{
    port = {plain}
  }}
  inet_listener {name}s {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True)
class Served:
    process: subprocess.Popen[bytes]
    plain: int
    tls: int
    log: Path


@contextmanager
def serving(directory: Path, kind: CheckKind) -> Iterator[Served]:
    name = PROTOCOLS[kind]
    program(f"/usr/lib/dovecot/{name}", f"dovecot-{name}d")
    dovecot = program("dovecot", "dovecot-core")
    plain, tls = free_port(), free_port()
    files = self_signed(directory, DAYS)
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    configuration = directory / "dovecot.conf"
    configuration.write_text(
        CONFIGURATION.format(
            name=name,
            directory=directory,
            files=files,
            user=account.pw_name,
            group=grp.getgrgid(account.pw_gid).gr_name,
            plain=plain,
            tls=tls,
        )
    )
    somebody = as_user("nobody", directory)
    with running([*somebody, dovecot, "-F", "-c", configuration], cwd=directory, port=plain) as process:
        yield Served(process, plain, tls, directory / "log")


@each_kind
def test_it_is_well_until_it_is_stopped_or_gone(kind: CheckKind, tmp_path: Path) -> None:
    with serving(tmp_path, kind) as served:
        passes(served.plain, kind)
        times_out_while_stopped(served.process, served.plain, kind)
    is_refused(served.plain, kind)


@each_kind
def test_it_is_well_within_tls_and_not_without(kind: CheckKind, tmp_path: Path) -> None:
    with serving(tmp_path, kind) as served:
        passes(served.tls, kind, tls=TlsSettings())
        fails_for_its_certificate(served.tls, kind, DAYS)
        fails(served.tls, kind, limit_s=1)
        assert "TLS failed: " in fails(served.plain, kind, tls=TlsSettings())


@each_kind
def test_one_does_not_pass_for_the_other(kind: CheckKind, tmp_path: Path) -> None:
    (other,) = PROTOCOLS.keys() - {kind}
    with serving(tmp_path, kind) as served:
        assert f", which is not {other.value.upper()}" in fails(served.plain, other)
        assert ", which is not SMTP" in fails(served.plain, CheckKind.SMTP)
