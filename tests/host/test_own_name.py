"""The name of this machine: a full one, from its own name or /etc/hosts, or its address."""

import re
from pathlib import Path

import pytest

from app.host.own_name import address_literal, full_name, introduction

HOSTS = """\
127.0.0.1 localhost localhost.localdomain
127.0.1.1 lb1.example.org lb1  # of Debian
192.0.2.2 lb2\tlb2.example.net other
::1       lb3
192.0.2.4 lb4.
"""


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("lb.example.com", "lb.example.com"),
        ("lb1", "lb1.example.org"),
        ("lb2", "lb2.example.net"),
        ("other", "lb2.example.net"),
        ("lb3", None),
        ("lb4", None),
        ("lb9", None),
        ("localhost", None),
        ("localhost.localdomain", None),
    ],
)
def test_a_full_name_is_the_machines_own_or_stands_in_hosts(tmp_path: Path, name: str, found: str | None) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text(HOSTS)
    assert full_name(name, hosts) == found


def test_a_hosts_file_is_read_again_when_it_has_changed_and_need_not_be_there(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    assert full_name("lb1", hosts) is None
    hosts.write_bytes(b"127.0.1.1 \xff lb1.example.org lb1\n")
    assert full_name("lb1", hosts) == "lb1.example.org"


@pytest.mark.parametrize(
    ("own", "literal"),
    [
        ("192.0.2.2", "[192.0.2.2]"),
        ("2001:db8::2", "[IPv6:2001:db8::2]"),
        ("fe80::1%eth0", "[IPv6:fe80::1]"),
        ("::ffff:192.0.2.2", "[192.0.2.2]"),
    ],
)
def test_an_address_is_written_as_mail_servers_read_it(own: str, literal: str) -> None:
    assert address_literal(own) == literal


@pytest.mark.parametrize("own", ["127.0.0.1", "::1"])
def test_whatever_the_machine_is_called_a_strict_server_takes_it(own: str) -> None:
    assert introduction("lb.example.com", own) == "lb.example.com"
    assert re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+|\[[0-9.]+\]|\[IPv6:[0-9a-f:]+\]", introduction("", own))
