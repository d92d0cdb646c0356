"""Which check a file asks for: Piranha's rules."""

from ipaddress import ip_address
from typing import Any

import pytest

from app.lvs.check import Check, CheckKind, HttpQuestion, TlsQuestion
from app.lvs.check_choice import check_of
from app.lvs.config import VirtualServer
from app.lvs.values import CheckWord, Network, Protocol
from tests.lvs.samples import server, virtual


def chosen(virtual: VirtualServer, network: Network = Network.DIRECT, **changes: Any) -> Check | None:
    return check_of(virtual, server(**changes), network)


def kind(virtual: VirtualServer, network: Network = Network.DIRECT, **changes: Any) -> CheckKind | None:
    check = chosen(virtual, network, **changes)
    return check.kind if check else None


@pytest.mark.parametrize(
    ("virtual", "expected"),
    [
        (virtual(port=25), CheckKind.TCP),
        (virtual(port=25, send="QUIT"), CheckKind.SEND_EXPECT),
        (virtual(port=25, expect=""), CheckKind.SEND_EXPECT),
        (virtual(port=80), CheckKind.SEND_EXPECT),
        (virtual(send_program="/bin/x %h", send="a"), CheckKind.PROGRAM),
        (virtual(protocol=Protocol.UDP), None),
        (virtual(protocol=Protocol.UDP, expect="x"), CheckKind.UDP),
        (virtual(protocol=Protocol.UDP, send_program="x"), CheckKind.PROGRAM),
        (virtual(protocol=Protocol.SCTP), None),
        (virtual(port=0, persistent=60), None),
        (virtual(port=0, persistent=60, send_program="x"), CheckKind.PROGRAM),
    ],
)
def test_the_kind_follows_from_what_is_set(virtual: VirtualServer, expected: CheckKind | None) -> None:
    assert kind(virtual) is expected


def test_port_80_with_nothing_set_is_asked_for_its_page() -> None:
    check = chosen(virtual())
    assert check is not None
    assert (check.send, check.expect) == (b"GET / HTTP/1.0\r\n\r\n", b"HTTP")


def test_timeout_is_the_interval_and_the_limit() -> None:
    check = chosen(virtual(timeout=7))
    assert check is not None
    assert (check.interval_s, check.limit_s) == (7, 7)


@pytest.mark.parametrize(
    ("network", "changes", "port"),
    [
        (Network.DIRECT, {}, 8080),
        (Network.NAT, {}, 8443),
        (Network.DIRECT, {"fwmark": 5}, 8443),
        (Network.TUNNEL, {}, 8080),
    ],
)
def test_it_is_asked_on_the_port_its_clients_reach(network: Network, changes: dict[str, Any], port: int) -> None:
    check = chosen(virtual(port=8080, **changes), network, port=8443)
    assert check is not None
    assert check.port == port


def test_equal_tests_of_one_target_are_one_check() -> None:
    one = chosen(virtual(name="A", expect="HTTP"))
    other = chosen(virtual(name="B", expect="HTTP", quiesce_server=True), name="other")
    assert one == other
    assert one is not None
    assert one.address == ip_address("192.0.2.11")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (CheckWord.TCP, CheckKind.TCP),
        (CheckWord.HTTP, CheckKind.HTTP),
        (CheckWord.HTTPS, CheckKind.HTTP),
        (CheckWord.PING, CheckKind.PING),
        (CheckWord.NONE, None),
    ],
)
def test_the_key_check_has_the_last_word(word: CheckWord, expected: CheckKind | None) -> None:
    assert kind(virtual(check=word, send_program="x", protocol=Protocol.UDP)) is expected


def test_what_a_web_server_is_asked_comes_from_its_keys() -> None:
    one = chosen(
        virtual(
            check=CheckWord.HTTPS,
            check_path="/h",
            check_host="a.example",
            check_status="200-299, 401",
            expect="ok",
        )
    )
    assert one is not None
    assert one.http == HttpQuestion("/h", "a.example", ((200, 299), (401, 401)))
    assert one.tls == TlsQuestion("a.example")
    assert (one.expect, one.send) == (b"ok", b"")


def test_a_ping_needs_no_port() -> None:
    assert kind(virtual(check=CheckWord.PING, port=0, persistent=60)) is CheckKind.PING
