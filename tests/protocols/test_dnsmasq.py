"""DNS with dnsmasq: names it has, names it has not, and an answer too long for a datagram."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.lvs.model.check_kinds import CheckKind
from tests.free_ports import free_port
from tests.protocols.directories import Directories
from tests.protocols.loopback import each_address, is_well_until_it_is_stopped_or_gone
from tests.protocols.servers import as_user, program, running
from tests.protocols.verdicts import fails, passes

LONG = "x" * 250
RECORDS = (
    "--local=/example.test/",
    "--host-record=www.example.test,192.0.2.7,2001:db8::7",
    "--cname=web.example.test,www.example.test",
    "--mx-host=example.test,mail.example.test,10",
    f"--txt-record=long.example.test,{LONG},{LONG},{LONG}",
)


@contextmanager
def serving(directory: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    dnsmasq = program("dnsmasq", "dnsmasq-base")
    port = free_port()
    command = [
        *as_user("nobody", directory),
        dnsmasq,
        "--keep-in-foreground",
        "--conf-file=/dev/null",
        "--no-resolv",
        "--no-hosts",
        "--bind-interfaces",
        "--listen-address=127.0.0.1,::1",
        f"--port={port}",
        "--pid-file",
        *RECORDS,
    ]
    # It takes TCP as soon as it takes datagrams.
    with running(command, cwd=directory, port=port) as process:
        yield port, process


@pytest.fixture(scope="module")
def port(directories: Directories) -> Iterator[int]:
    with serving(directories.new()) as (found, _):
        yield found


@each_address
def test_it_is_well_until_it_is_stopped_or_gone(tmp_path: Path, address: str) -> None:
    asked = {"name": "www.example.test", "record_type": "A"}
    with serving(tmp_path) as (port, process):
        said = is_well_until_it_is_stopped_or_gone(process, port, CheckKind.DNS, address, **asked)
    assert said.endswith(": 192.0.2.7")


@pytest.mark.parametrize(
    ("name", "record_type", "found"),
    [
        ("www.example.test", "AAAA", "2001:db8::7"),
        ("WWW.Example.Test.", "A", "192.0.2.7"),
        ("web.example.test", "A", "www.example.test., 192.0.2.7"),
        ("example.test", "MX", "10 mail.example.test."),
    ],
)
def test_records_are_told_and_looked_at(port: int, name: str, record_type: str, found: str) -> None:
    asked = {"name": name, "record_type": record_type}
    assert passes(port, CheckKind.DNS, **asked).endswith(f": {found}")
    passes(port, CheckKind.DNS, **asked, expect=found.split()[-1].encode())
    assert "which does not contain 'other'" in fails(port, CheckKind.DNS, **asked, expect=b"other")


@pytest.mark.parametrize(
    ("name", "record_type", "said"),
    [
        ("none.example.test", "A", "answered NXDOMAIN"),
        ("www.example.test", "MX", "answered NOERROR, but no MX record"),
        ("www.example.com", "A", "answered REFUSED"),
    ],
)
def test_what_it_has_not_fails(port: int, name: str, record_type: str, said: str) -> None:
    assert fails(port, CheckKind.DNS, name=name, record_type=record_type).endswith(f": {said}")


def test_an_answer_too_long_for_a_datagram_counts_as_answered(port: int) -> None:
    asked = {"name": "long.example.test", "record_type": "TXT"}
    assert passes(port, CheckKind.DNS, **asked).endswith(", truncated")
    assert "truncated, which does not contain 'xx'" in fails(port, CheckKind.DNS, **asked, expect=b"xx")
