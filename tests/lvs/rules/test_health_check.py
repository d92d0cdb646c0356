"""Rules about checks: what cannot be asked is refused, and what is asked in vain is warned of."""

from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given

from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.config import Config
from app.lvs.model.machine import Machine
from app.lvs.model.problem import Problem, Severity
from app.lvs.model.values import Floating, Network, Protocol
from app.lvs.rules.rulebook import check
from tests.lvs import strategies
from tests.lvs.samples import config, server, virtual

W = CheckKind
MACHINE = Machine({"eth0": frozenset({ip_address("192.0.2.254")})})
SOURCE = ip_address("192.0.2.250")


def found(field: str, machine: Machine | None = None, **changes: Any) -> list[Problem]:
    """Return the problems of one field of a good virtual server with `changes`."""
    problems = check(config(virtual(**changes)), machine)
    return [problem for problem in problems if problem.path == ("virtual", 0, field)]


GOOD: list[dict[str, Any]] = [
    {"check": W.HTTPS, "check_host": "www.example.com:8443", "check_verify": True, "check_certificate_days": 14},
    {"check": W.HTTPS, "check_host": "[2001:db8::1]:443", "check_user": "u", "check_password": "p"},
    {"check": W.HTTP, "check_method": "OPTIONS", "check_headers": "X-A: b c\\r\\nX-D:\\r\\n", "expect": "x"},
    {"check": W.HTTP, "check_host": "a_b.example."},
    {"check": W.SEND, "send": "QUIT\\r\\n", "expect": "221"},
    {"check": W.UDP, "send": "a", "expect": "*", "protocol": Protocol.UDP},
    {"check": W.SEND, "expect": "x", "protocol": Protocol.UDP, "check_port": 25},
    {"check": W.PROGRAM, "send_program": "disk.sh %h"},
    {"check": W.DNS, "check_name": "_sip._udp.example.com.", "check_type": "srv", "expect": "x"},
    {"check": W.DNS, "check_name": ".", "check_type": "SOA"},
    {"check": W.RADIUS, "check_secret": "s", "check_user": "u", "check_password": "p"},
    {"check": W.REDIS, "check_password": "p", "check_tls": True},
    {"check": W.LDAP, "check_name": "dc=example,dc=com"},
    {"check": W.SIP, "check_name": "monitor", "protocol": Protocol.UDP},
    {"check": W.GRPC, "check_name": "a.b.Service", "check_tls": True, "check_host": "a.example"},
    {"check": W.SMTP, "protocol": Protocol.SCTP},
    {"check": W.NONE},
    {"check_source": SOURCE, "check_interface": "eth0", "check_interval": 5, "check_limit": 5},
    {"check_interval": 5, "check_limit": 2, "check_retry": 2, "fall": 3},
    {"also_check": "http path=/ready port=8080; smtp", "check_need": "2"},
    {"also_check": "ping", "check_need": "any"},
    {"also_check": "ping", "check_need": "all"},
    {"also_check": "http user=u password=p tls=1", "check_source": SOURCE, "check_interval": 3, "check_limit": 3},
]


@pytest.mark.parametrize("change", GOOD)
def test_what_works_has_no_problem(change: dict[str, Any]) -> None:
    assert check(config(virtual(**change)), MACHINE) == ()


ERRORS: list[tuple[dict[str, Any], str, str]] = [
    ({"check": W.RADIUS}, "check_secret", "requires the secret"),
    ({"check": W.DNS}, "check_name", "requires the name"),
    ({"check": W.PROGRAM}, "send_program", "requires the name of a program"),
    ({"check": W.DNS, "check_name": "a..b"}, "check_name", "domain name in ASCII"),
    ({"check": W.DNS, "check_name": "bücher.example"}, "check_name", "domain name in ASCII"),
    ({"check": W.DNS, "check_name": f"{'a' * 64}.example"}, "check_name", "domain name in ASCII"),
    ({"check": W.DNS, "check_name": "a.example", "check_type": "AAA"}, "check_type", "one of A, AAAA,"),
    ({"check": W.SIP, "check_name": "a@b"}, "check_name", "before the @"),
    ({"check": W.HTTP, "check_method": "GE T"}, "check_method", "one word such as GET"),
    ({"check": W.HTTP, "check_method": ""}, "check_method", "one word such as GET"),
    ({"check": W.HTTP, "check_method": "CONNECT"}, "check_method", "not CONNECT"),
    ({"check": W.HTTP, "check_headers": "X-A b"}, "check_headers", "Line 1 of the Headers"),
    ({"check": W.HTTP, "check_headers": "A: b\\r\\nX-A : b"}, "check_headers", "Line 2 of the Headers"),
    ({"check": W.HTTP, "check_headers": "A: \x07"}, "check_headers", "Line 1 of the Headers"),
    ({"check": W.HTTP, "check_headers": "A: é"}, "check_headers", "in ASCII"),
    ({"check": W.HTTP, "check_headers": "host: a"}, "check_headers", "contain host, which the check sets itself"),
    ({"check": W.HTTP, "check_headers": "Content-Length: 3"}, "check_headers", "contain content-length"),
    ({"check": W.HTTP, "check_headers": "Connection: keep-alive"}, "check_headers", "contain connection"),
    ({"check": W.HTTPS, "check_host": "a..b"}, "check_host", "such as www"),
    ({"check": W.HTTPS, "check_host": ".a"}, "check_host", "such as www"),
    ({"check": W.HTTPS, "check_host": "a:99999"}, "check_host", "such as www"),
    ({"check": W.HTTPS, "check_host": "a\r\nX: y"}, "check_host", "such as www"),
    ({"check": W.RADIUS, "check_secret": "s", "check_password": "p"}, "check_user", "User has 0 bytes"),
    ({"check": W.RADIUS, "check_secret": "s", "check_user": "é" * 127}, "check_user", "User has 254 bytes"),
    (
        {"check": W.RADIUS, "check_secret": "s", "check_user": "u", "check_password": "p" * 129},
        "check_password",
        "RADIUS accepts at most 128",
    ),
    ({"check_interface": "eth0/1"}, "check_interface", "without blank, slash and colon"),
    ({"check_interface": "e th0"}, "check_interface", "without blank, slash and colon"),
    ({"check_interface": "e" * 16}, "check_interface", "at most 15 bytes"),
    ({"check_interface": "é" * 8}, "check_interface", "at most 15 bytes"),
    ({"check_source": ip_address("::")}, "check_source", "which is unset"),
    ({"check_source": ip_address("224.0.0.1")}, "check_source", "which is multicast"),
    ({"check_source": ip_address("2001:db8::9")}, "check_source", "'web1' is checked at 192.0.2.11, IPv4"),
    ({"check_need": "some", "also_check": "ping"}, "check_need", "a number from 1 to 2; there are 2 checks"),
    ({"check_need": "3", "also_check": "ping"}, "check_need", "from 1 to 2"),
    ({"check_need": "0", "also_check": "ping"}, "check_need", "from 1 to 2"),
    ({"check_need": "2"}, "check_need", "there is 1 check."),
    ({"also_check": "pong; http port=x"}, "also_check", "Additional check 1 is 'pong'"),
    ({"also_check": "http port=0"}, "also_check", "Additional check 1 (http), port: Check port is 0: it must be"),
    ({"also_check": "ping; http path=a"}, "also_check", "Additional check 2 (http), path: Path is 'a'"),
    (
        {"also_check": "radius"},
        "also_check",
        "check 1 (radius), secret: Not set: a check with radius requires",
    ),
    ({"also_check": "tcp interval=0"}, "also_check", "interval: Check interval is 0"),
    ({"also_check": "tcp source=2001:db8::9"}, "also_check", "source: Check source is 2001:db8::9, IPv6"),
    ({"also_check": "http path=\x1b"}, "also_check", "has a control character (U+001B)"),
    ({"load_monitor": "agent"}, "load_port", "Load port is not set"),
]


@pytest.mark.parametrize(("change", "field", "words"), ERRORS)
def test_it_refuses_a_check_that_cannot_be_run(change: dict[str, Any], field: str, words: str) -> None:
    errors = [problem for problem in found(field, **change) if problem.severity is Severity.ERROR]
    assert any(words in error.message for error in errors), errors


WARNINGS: list[tuple[dict[str, Any], str, str]] = [
    ({"check_path": "/x"}, "check_path", "Check is not set"),
    ({"check": W.NONE, "check_path": "/x"}, "check_path", "a check with none does not use it"),
    ({"check": W.TCP, "check_user": "u"}, "check_user", "a check with tcp does not use it"),
    ({"check": W.SMTP, "check_name": "x"}, "check_name", "a check with smtp does not use it"),
    ({"check": W.MYSQL, "check_tls": True}, "check_tls", "a check with mysql does not use it"),
    ({"check": W.SMTP, "expect": "x"}, "expect", "It has no effect: the servers are checked with smtp"),
    ({"check": W.SMTP, "check_certificate_days": 9}, "check_certificate_days", "does not use TLS"),
    ({"check": W.HTTP, "check_certificate_days": 9}, "check_certificate_days", "Use https"),
    ({"check": W.HTTP, "check_verify": True}, "check_verify", "does not use TLS"),
    ({"check": W.IMAP, "check_host": "a"}, "check_host", "does not use TLS"),
    ({"check": W.HTTPS, "check_verify": True}, "check_host", "Host is not set"),
    ({"check": W.HTTP, "check_user": "u"}, "check_password", "User is set without Password"),
    ({"check": W.HTTPS, "check_password": "p"}, "check_user", "Password is set without User"),
    ({"check": W.HTTPS, "check_user": "a:b", "check_password": "p"}, "check_user", "a colon"),
    ({"check": W.HTTP, "check_user": "u", "check_password": "p"}, "check_password", "in plain text"),
    ({"check": W.REDIS, "check_password": "p"}, "check_password", "in plain text"),
    ({"check": W.HTTP, "check_method": "HEAD", "expect": "x"}, "expect", "A response to HEAD has no body"),
    ({"check": W.HTTP, "check_method": "get"}, "check_method", "Write GET"),
    ({"check": W.HTTP, "check_method": "POST"}, "check_method", "may change something"),
    (
        {"check": W.HTTPS, "check_user": "u", "check_password": "p", "check_headers": "Authorization: x"},
        "check_headers",
        "two would be sent",
    ),
    ({"check": W.HTTP, "expect": "(a", "use_regex": True}, "expect", "is invalid"),
    ({"check": W.DNS, "check_name": "a", "expect": "(a", "use_regex": True}, "expect", "is invalid"),
    ({"check": W.SEND}, "expect", "as with tcp"),
    ({"check": W.UDP, "send": "x"}, "expect", "the packet is not rejected"),
    ({"check": W.UDP, "expect": "x"}, "send", "Send is not set"),
    ({"check": W.SEND, "expect": "x", "protocol": Protocol.UDP}, "check", "select udp"),
    ({"check": W.SIP}, "check", "sip uses UDP, and this service is tcp"),
    ({"check": W.PING, "check_port": 8080}, "check_port", "ping checks a host"),
    ({"check_interval": 2, "check_limit": 3}, "check_limit", "A check may take 3 s and is due every 2 s"),
    ({"check_interval": 2}, "check_interval", "A check may take 10 s and is due every 2 s"),
    ({"check_retry": 10, "fall": 3}, "check_retry", "not shorter than the interval of 10 s"),
    ({"check_retry": 2}, "check_retry", "Failures to go down is 1"),
    ({"check_need": "any"}, "check_need", "at most one check"),
    ({"check": W.NONE, "also_check": "ping"}, "also_check", "Check is none"),
    ({"check": W.TCP, "also_check": "tcp; ping"}, "also_check", "Two checks of the server 'web1' are identical"),
    ({"also_check": "http user=u password=p"}, "also_check", "(http), password: Every check sends the password"),
    ({"also_check": "smtp path=/"}, "also_check", "(smtp), path: It has no effect"),
    ({"also_check": "ping limit=60"}, "also_check", "(ping), limit: A check may take 60 s"),
    ({"load_monitor": "rup"}, "load_monitor", "rup no longer exists"),
    ({"load_monitor": "top"}, "load_monitor", "does not run it"),
    ({"load_port": 9777}, "load_port", "is not agent"),
    ({"load_floor": 10}, "load_floor", "is not agent"),
]


@pytest.mark.parametrize(("change", "field", "words"), WARNINGS)
def test_it_warns_of_what_is_asked_in_vain(change: dict[str, Any], field: str, words: str) -> None:
    problems = found(field, **change)
    assert any(words in problem.message for problem in problems), problems
    assert {problem.severity for problem in problems} == {Severity.WARNING}


def test_an_interface_that_is_not_there_is_warned_of() -> None:
    (problem,) = found("check_interface", MACHINE, check_interface="eth7")
    assert problem.severity is Severity.WARNING
    assert "it has: eth0" in problem.message


def test_what_the_first_check_says_is_not_said_of_the_others_again() -> None:
    problems = check(
        config(virtual(check_source=ip_address("2001:db8::9"), check_retry=2, also_check="ping; smtp"))
    )
    assert [problem.path[-1] for problem in problems] == ["check_source", "check_retry"]


def test_a_source_of_the_kind_of_the_addresses_that_are_checked_is_fine() -> None:
    inside = server(check_address=ip_address("2001:db8::11"))
    assert found("check_source", check_source=ip_address("2001:db8::9"), server=(inside,)) == []
    mixed = (server(1), server(2, address=ip_address("2001:db8::2"), network=Network.TUNNEL, active=False))
    assert found("check_source", check_source=SOURCE, server=mixed) == []


@pytest.mark.parametrize("key", ["check_password", "check_secret", "check_headers"])
def test_no_problem_repeats_what_may_be_secret(key: str) -> None:
    for word in CheckKind:
        for text in ("hunter2", "\x1bhunter2"):
            problems = check(config(virtual(check=word, **{key: text})))
            assert not any("hunter2" in problem.message for problem in problems)


@given(strategies.configs())
def test_any_configuration_can_be_judged_and_its_problems_shown(configuration: Config) -> None:
    for problem in check(configuration):
        assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in problem.message)


VIP = {"address": Floating(ip_address("10.60.0.100"), "eth5:1"), "vip_nmask": ip_address("255.255.255.0")}
NO_ADDRESS = Machine({"eth0": frozenset({ip_address("192.0.2.254")}), "eth5": frozenset()})
WITH_ADDRESS = Machine({"eth5": frozenset({ip_address("10.60.0.2")})})
NEAR: dict[str, Any] = {"address": ip_address("10.60.0.11"), "active": True}
FAR: dict[str, Any] = {"address": ip_address("192.0.2.11")}


def test_checks_that_would_leave_from_the_virtual_ip_are_warned_of() -> None:
    (problem,) = found("check_source", NO_ADDRESS, **VIP, network=Network.DIRECT, server=(server(**NEAR),))
    assert problem.severity is Severity.WARNING
    assert problem.message == (
        "Checks of 10.60.0.11 leave from the virtual IP 10.60.0.100 itself, as this machine has no other address "
        "in 10.60.0.0/24; without NAT the server has that address too, so no check is ever answered. Give eth5 an "
        "address of its own in 10.60.0.0/24, or set Check source."
    )


@pytest.mark.parametrize(
    ("machine", "changes"),
    [
        (WITH_ADDRESS, {}),
        (None, {}),
        (NO_ADDRESS, {"network": Network.NAT}),
        (NO_ADDRESS, {"check_source": SOURCE}),
        (NO_ADDRESS, {"check": W.NONE}),
        (NO_ADDRESS, {"vip_nmask": ip_address("255.255.255.255")}),
        (NO_ADDRESS, {"vip_nmask": None}),
        (NO_ADDRESS, {"server": (server(**FAR),)}),
        (NO_ADDRESS, {"server": (server(**{**NEAR, "active": False}),)}),
        (NO_ADDRESS, {"server": (server(**NEAR, network=Network.NAT),)}),
    ],
)
def test_where_they_leave_from_elsewhere_there_is_no_warning(machine: Machine | None, changes: Any) -> None:
    usual = {**VIP, "network": Network.DIRECT, "server": (server(**NEAR),)}
    assert found("check_source", machine, **{**usual, **changes}) == []


def test_an_address_of_another_network_is_warned_of_as_servers_may_not_find_back_to_it() -> None:
    elsewhere = Machine({"eth5": frozenset({ip_address("192.0.2.2")})})
    (problem,) = found("check_source", elsewhere, **VIP, network=Network.DIRECT, server=(server(**NEAR),))
    assert problem.message == (
        "Checks of 10.60.0.11 leave from 192.0.2.2, as this machine has no other address in 10.60.0.0/24; they "
        "are answered only if the server has a route back to that. Give eth5 an address of its own in "
        "10.60.0.0/24, or set Check source."
    )
