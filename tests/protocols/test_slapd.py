"""LDAP with slapd: the root, an entry, users, and TLS."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.lvs.checks.check import Login, TlsSettings
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
CONFIGURATION = """
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {directory}/slapd.pid
{more}
database mdb
maxsize 1048576
suffix "dc=example"
rootdn "cn=admin,dc=example"
rootpw hunter2
directory {directory}/data
access to dn.base="dc=example" by users read by anonymous auth
access to * by * read
"""
ENTRIES = """dn: dc=example
objectClass: dcObject
objectClass: organization
o: example
dc: example

dn: o=open,dc=example
objectClass: organization
o: open
"""


@contextmanager
def serving(
    directory: Path, more: str = "", scheme: str = "ldap"
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    slapd, slapadd = program("slapd", "slapd"), program("slapadd", "slapd")
    (directory / "data").mkdir()
    (directory / "slapd.conf").write_text(CONFIGURATION.format(directory=directory, more=more))
    (directory / "entries").write_text(ENTRIES)
    somebody = as_user("nobody", directory)
    load = [*somebody, slapadd, "-f", f"{directory}/slapd.conf", "-l", f"{directory}/entries"]
    subprocess.run(load, check=True, capture_output=True)
    where = f"{scheme}://127.0.0.1:{port}/"
    command = [*somebody, slapd, "-d", "0", "-f", f"{directory}/slapd.conf", "-h", where]
    with running(command, cwd=directory, port=port) as process:
        yield port, process


def test_it_is_well_until_it_is_stopped_or_gone(tmp_path: Path) -> None:
    with serving(tmp_path) as (port, process):
        assert f"LDAP search for the root in 127.0.0.1:{port}: found" in passes(port, CheckKind.LDAP)
        passes(port, CheckKind.LDAP, name="o=open,dc=example")
        times_out_while_stopped(process, port, CheckKind.LDAP)
    is_refused(port, CheckKind.LDAP)


def test_an_entry_has_to_be_there_and_to_be_seen(tmp_path: Path) -> None:
    login = Login("cn=admin,dc=example", "hunter2")
    with serving(tmp_path) as (port, _):
        assert "result 32, there is no such entry" in fails(port, CheckKind.LDAP, name="o=none,dc=example")
        assert "result 34, the name is malformed" in fails(port, CheckKind.LDAP, name="no name")
        assert "result 50, insufficient access rights" in fails(port, CheckKind.LDAP, name="dc=example")
        passes(port, CheckKind.LDAP, name="dc=example", login=login)
        said = fails(port, CheckKind.LDAP, login=Login(login.user, "wrong"))
        assert said.endswith(f"as {login.user}: result 49, wrong user or password")


def test_a_server_that_wants_a_user_says_so(tmp_path: Path) -> None:
    with serving(tmp_path, "disallow bind_anon") as (port, _):
        assert "as anonymous: result 48, this authentication is not allowed" in fails(port, CheckKind.LDAP)
        passes(port, CheckKind.LDAP, login=Login("cn=admin,dc=example", "hunter2"))


def test_it_is_well_within_tls_and_not_without(tmp_path: Path) -> None:
    files = self_signed(tmp_path, DAYS)
    tls = f"TLSCertificateFile {files.certificate}\nTLSCertificateKeyFile {files.key}\n"
    with serving(tmp_path, tls, "ldaps") as (port, _):
        assert "LDAPS search for the root" in passes(port, CheckKind.LDAP, tls=TlsSettings())
        fails_for_its_certificate(port, CheckKind.LDAP, DAYS)
        fails(port, CheckKind.LDAP)
