"""Which checks a file asks for: Piranha's rules, and the keys beyond them."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from app.lvs.checks.check import Check, HttpRequest, Login, TlsSettings
from app.lvs.checks.from_config import check_of, checks_needed, checks_of, load_check_of
from app.lvs.model.check_kinds import CheckKind, LoadKind, ProbeKind
from app.lvs.model.config import VirtualServer
from app.lvs.model.values import Network, Protocol
from tests.lvs.samples import server, virtual


def chosen(virtual: VirtualServer, network: Network = Network.DIRECT, **changes: Any) -> Check | None:
    return check_of(virtual, server(**changes), network)


def kind(virtual: VirtualServer, network: Network = Network.DIRECT, **changes: Any) -> ProbeKind | None:
    check = chosen(virtual, network, **changes)
    return check.kind if check else None


@pytest.mark.parametrize(
    ("virtual", "expected"),
    [
        (virtual(port=25), CheckKind.TCP),
        (virtual(port=25, send="QUIT"), CheckKind.SEND),
        (virtual(port=25, expect=""), CheckKind.SEND),
        (virtual(port=80), CheckKind.SEND),
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
    asked = chosen(virtual(name="A", expect="HTTP"))
    other = chosen(virtual(name="B", expect="HTTP", quiesce_server=True), name="other")
    assert asked == other
    assert asked is not None
    assert asked.address == ip_address("192.0.2.11")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (CheckKind.TCP, CheckKind.TCP),
        (CheckKind.HTTP, CheckKind.HTTP),
        (CheckKind.HTTPS, CheckKind.HTTP),
        (CheckKind.PING, CheckKind.PING),
        (CheckKind.SEND, CheckKind.SEND),
        (CheckKind.UDP, CheckKind.UDP),
        (CheckKind.PROGRAM, CheckKind.PROGRAM),
        (CheckKind.DNS, CheckKind.DNS),
        (CheckKind.SMTP, CheckKind.SMTP),
        (CheckKind.IMAP, CheckKind.IMAP),
        (CheckKind.POP3, CheckKind.POP3),
        (CheckKind.LDAP, CheckKind.LDAP),
        (CheckKind.MYSQL, CheckKind.MYSQL),
        (CheckKind.POSTGRESQL, CheckKind.POSTGRESQL),
        (CheckKind.REDIS, CheckKind.REDIS),
        (CheckKind.RADIUS, CheckKind.RADIUS),
        (CheckKind.SIP, CheckKind.SIP),
        (CheckKind.NTP, CheckKind.NTP),
        (CheckKind.GRPC, CheckKind.GRPC),
        (CheckKind.NONE, None),
    ],
)
def test_the_key_check_has_the_last_word(word: CheckKind, expected: CheckKind | None) -> None:
    assert kind(virtual(check=word, send_program="x", protocol=Protocol.UDP)) is expected


def test_what_a_web_server_is_asked_comes_from_its_keys() -> None:
    asked = chosen(
        virtual(
            check=CheckKind.HTTPS,
            check_path="/h",
            check_host="a.example",
            check_status="200-299, 401",
            expect="ok",
        )
    )
    assert asked is not None
    assert asked.http == HttpRequest("/h", "a.example", ((200, 299), (401, 401)))
    assert asked.tls == TlsSettings("a.example")
    assert (asked.expect, asked.send) == (b"ok", b"")


def test_a_ping_needs_no_port() -> None:
    assert kind(virtual(check=CheckKind.PING, port=0, persistent=60)) is CheckKind.PING


def test_every_word_of_check_is_a_kind_or_none() -> None:
    assert [word for word in CheckKind if kind(virtual(check=word)) is None] == [CheckKind.NONE]


@pytest.mark.parametrize("word", [CheckKind.PING, CheckKind.PROGRAM, CheckKind.TCP, CheckKind.GRPC])
def test_an_sctp_service_is_checked_by_what_it_names(word: CheckKind) -> None:
    assert kind(virtual(check=word, protocol=Protocol.SCTP)) is not None


KEYS: dict[str, Any] = {
    "check_host": "a.example:8443",
    "check_verify": True,
    "check_certificate_days": 14,
    "check_tls": True,
    "check_name": "cn=x",
    "check_type": "aaaa",
    "check_user": "eva",
    "check_password": "geheim",
    "check_secret": "s3\\n",
    "send": "a\\r\\n",
    "expect": "b",
    "use_regex": True,
    "send_program": "x %h",
}
TLS = {"tls": TlsSettings("a.example", is_verified=True, days_min=14)}
LOGIN = {"login": Login("eva", "geheim")}
NAME = {"name": "cn=x"}
MATCHED = {"expect": b"b", "use_regex": True}
HTTP = HttpRequest("/", "a.example:8443", ((200, 399),))


@pytest.mark.parametrize(
    ("word", "asked"),
    [
        (CheckKind.TCP, {}),
        (CheckKind.PING, {}),
        (CheckKind.SEND, {"send": b"a\r\n", **MATCHED}),
        (CheckKind.UDP, {"send": b"a\r\n", **MATCHED}),
        (CheckKind.PROGRAM, {"program": "x %h", "expect": b"b"}),
        (CheckKind.HTTP, {"http": HTTP, **TLS, **LOGIN, **MATCHED}),
        (CheckKind.HTTPS, {"http": HTTP, **TLS, **LOGIN, **MATCHED}),
        (CheckKind.DNS, {**NAME, "record_type": "AAAA", **MATCHED}),
        (CheckKind.SMTP, TLS),
        (CheckKind.IMAP, TLS),
        (CheckKind.POP3, TLS),
        (CheckKind.LDAP, {**TLS, **LOGIN, **NAME}),
        (CheckKind.MYSQL, NAME),
        (CheckKind.POSTGRESQL, NAME),
        (CheckKind.REDIS, {**TLS, **LOGIN}),
        (CheckKind.RADIUS, {**LOGIN, "secret": b"s3\\n"}),
        (CheckKind.SIP, NAME),
        (CheckKind.NTP, {}),
        (CheckKind.GRPC, {**TLS, **NAME}),
    ],
)
def test_each_kind_takes_the_keys_it_looks_at_and_no_others(word: CheckKind, asked: dict[str, Any]) -> None:
    bare = chosen(virtual(check=CheckKind.TCP))
    check = chosen(virtual(check=word, **KEYS))
    assert bare is not None
    assert check is not None
    assert check == replace(bare, kind=check.kind, **asked)


@pytest.mark.parametrize(
    ("word", "changes", "tls"),
    [
        (CheckKind.HTTP, {}, None),
        (CheckKind.HTTPS, {"check_host": "[2001:db8::1]:443"}, TlsSettings("2001:db8::1")),
        (CheckKind.SMTP, {"check_verify": True}, None),
        (CheckKind.SMTP, {"check_tls": True}, TlsSettings()),
        (CheckKind.MYSQL, {"check_tls": True}, None),
    ],
)
def test_tls_is_begun_where_it_is_wanted(
    word: CheckKind, changes: dict[str, Any], tls: TlsSettings | None
) -> None:
    check = chosen(virtual(check=word, **changes))
    assert check is not None
    assert check.tls == tls


@pytest.mark.parametrize(
    ("changes", "login"),
    [({}, None), ({"check_password": "p"}, Login("", "p")), ({"check_user": "u"}, Login("u", ""))],
)
def test_somebody_logs_in_when_a_user_or_a_password_is_set(changes: dict[str, Any], login: Login | None) -> None:
    check = chosen(virtual(check=CheckKind.REDIS, **changes))
    assert check is not None
    assert check.login == login


def test_method_and_headers_are_asked_with() -> None:
    check = chosen(virtual(check=CheckKind.HTTP, check_method="HEAD", check_headers="A: b\\r\\nC: d\\r\\n"))
    assert check is not None
    assert check.http == HttpRequest("/", "", ((200, 399),), "HEAD", ("A: b", "C: d"))


def test_interval_limit_and_retry_are_their_keys() -> None:
    check = chosen(virtual(timeout=7, check_interval=5, check_limit=2, check_retry=1))
    assert check is not None
    assert (check.interval_s, check.limit_s, check.retry_s) == (5, 2, 1)


def test_a_check_leaves_where_it_is_told_to() -> None:
    check = chosen(virtual(check_source=ip_address("192.0.2.250"), check_interface="eth1"))
    assert check is not None
    assert (check.source, check.interface) == (ip_address("192.0.2.250"), "eth1")


@pytest.mark.parametrize(
    ("of_virtual", "of_server", "port"),
    [({}, {}, 80), ({"check_port": 8080}, {}, 8080), ({"check_port": 8080}, {"check_port": 8081}, 8081)],
)
def test_the_server_has_the_last_word_on_its_port(
    of_virtual: dict[str, Any], of_server: dict[str, Any], port: int
) -> None:
    check = chosen(virtual(check=CheckKind.TCP, **of_virtual), **of_server)
    assert check is not None
    assert check.port == port


def test_a_check_port_makes_a_service_of_every_port_askable() -> None:
    assert kind(virtual(port=0, persistent=60, check_port=22)) is CheckKind.TCP


def test_piranhas_page_is_asked_on_the_port_that_is_checked() -> None:
    assert kind(virtual(port=443, check_port=80)) is CheckKind.SEND
    assert kind(virtual(port=80, check_port=443)) is CheckKind.TCP


def test_a_check_address_is_asked_instead_of_the_servers_own() -> None:
    elsewhere = ip_address("198.51.100.7")
    check = chosen(virtual(), check_address=elsewhere)
    assert check is not None
    assert check.address == elsewhere


def every(virtual: VirtualServer, **changes: Any) -> list[tuple[ProbeKind, int]]:
    return [(check.kind, check.port) for check in checks_of(virtual, server(**changes), Network.DIRECT)]


def test_additional_checks_come_after_the_first() -> None:
    both = virtual(check=CheckKind.HTTP, check_port=8080, also_check="tcp; smtp port=25; http port=81")
    found = [(CheckKind.HTTP, 8081), (CheckKind.TCP, 80), (CheckKind.SMTP, 25), (CheckKind.HTTP, 81)]
    assert every(both, check_port=8081) == found


def test_equal_checks_of_a_server_are_one() -> None:
    assert every(virtual(check=CheckKind.TCP, also_check="tcp; ping; ping")) == [
        (CheckKind.TCP, 80),
        (CheckKind.PING, 80),
    ]


def test_without_a_first_check_the_additional_ones_are_asked() -> None:
    assert every(virtual(check=CheckKind.NONE, also_check="ping")) == [(CheckKind.PING, 80)]


def test_nothing_to_ask_is_no_check() -> None:
    assert every(virtual(check=CheckKind.NONE)) == []


@pytest.mark.parametrize(
    ("need", "count", "needed"),
    [
        (None, 3, 3),
        ("all", 3, 3),
        ("any", 3, 1),
        ("2", 3, 2),
        ("5", 3, 3),
        ("0", 3, 1),
        ("x", 2, 2),
        ("\u0663", 4, 4),
    ],
)
def test_as_many_checks_are_needed_as_it_says(need: str | None, count: int, needed: int) -> None:
    assert checks_needed(virtual(check_need=need), count) == needed


def test_an_agent_is_asked_for_the_load_on_its_port() -> None:
    asked = virtual(load_monitor="agent", load_port=9777, timeout=4, check_interval=2, check_interface="eth1")
    check = load_check_of(asked, server(check_address=ip_address("198.51.100.7")))
    assert check is not None
    assert (check.kind, check.port, check.address) == (LoadKind.AGENT, 9777, ip_address("198.51.100.7"))
    assert (check.interval_s, check.limit_s, check.interface, check.retry_s) == (2, 4, "eth1", None)


@pytest.mark.parametrize(
    "changes", [{"load_port": 9777}, {"load_monitor": "agent"}, {"load_monitor": "rup", "load_port": 9777}]
)
def test_without_an_agent_nobody_is_asked_for_the_load(changes: dict[str, Any]) -> None:
    assert load_check_of(virtual(**changes), server()) is None
