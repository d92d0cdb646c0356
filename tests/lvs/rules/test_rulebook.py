"""The rulebook: what is refused, what is only warned of, and that each says what to do."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.config import Config
from app.lvs.model.machine import Machine
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.model.schedulers import Scheduler, SchedulerFlag
from app.lvs.model.values import ClusterType, Floating, Network, Prefix, Protocol, TunnelType
from app.lvs.rules.rulebook import ProblemCache, check, is_refused, judged_for_running
from tests.lvs.samples import config, server, virtual

MACHINE = Machine({"eth0": frozenset({ip_address("192.0.2.254")}), "lo": frozenset({ip_address("127.0.0.1")})})


def found(configuration: Config, machine: Machine | None = None) -> dict[Path, Problem]:
    """Return the problem at each path, the error where there is one besides a warning."""
    problems = sorted(check(configuration, machine), key=lambda problem: problem.severity is Severity.ERROR)
    return {problem.path: problem for problem in problems}


def vip(text: str, device: str = "eth0:1") -> Floating:
    return Floating(ip_address(text), device)


def test_a_good_configuration_has_no_problem() -> None:
    assert check(config(), MACHINE) == ()


SERVER_ERRORS: list[tuple[dict[str, Any], str, str]] = [
    ({"weight": 65536}, "weight", "from 0 to 65535"),
    ({"weight": -1}, "weight", "from 0 to 65535"),
    ({"port": 99999}, "port", "from 1 to 65535"),
    ({"name": ""}, "name", "give the real server a name"),
    ({"address": ip_address("0.0.0.0")}, "address", "requires one"),
    ({"address": None}, "address", "requires one"),
    ({"address": ip_address("224.0.0.1")}, "address", "multicast"),
    ({"address": ip_address("2001:db8::1")}, "address", "only tunnelling can mix"),
    ({"address": ip_address("192.0.2.1")}, "address", "would loop"),
    ({"address": ip_address("192.0.2.12")}, "address", "one entry per address and port"),
    ({"upper_threshold": 5, "lower_threshold": 6}, "lower_threshold", "from 0 to 5"),
    ({"network": Network.TUNNEL, "tunnel_type": TunnelType.GUE}, "tunnel_port", "such as 6080"),
]


@pytest.mark.parametrize(("change", "field", "words"), SERVER_ERRORS)
def test_it_refuses_a_real_server_that_cannot_work(change: dict[str, Any], field: str, words: str) -> None:
    broken = virtual(server=(server(2), server(1, **change)))
    problem = found(config(broken))[("virtual", 0, "server", 1, field)]
    assert problem.severity is Severity.ERROR
    assert words in problem.message


VIRTUAL_ERRORS: list[tuple[dict[str, Any], str, str]] = [
    ({"name": ""}, "name", "give the virtual server a name"),
    ({"address": vip("0.0.0.0")}, "address", "0.0.0.0"),
    ({"address": vip("127.0.0.1")}, "address", "loopback"),
    ({"address": vip("224.0.0.9")}, "address", "multicast"),
    ({"address": vip("192.0.2.1", "")}, "device", "such as eth0:1"),
    ({"address": vip("192.0.2.1", "enp129s0f0np0abc:1")}, "device", "at most 15"),
    ({"address": vip("192.0.2.1", "../eth0")}, "device", "no blanks or slashes"),
    ({"vip_nmask": ip_address("255.0.255.0")}, "vip_nmask", "contiguous"),
    ({"vip_nmask": Prefix(33)}, "vip_nmask", "from /1 to /32"),
    ({"port": 70000}, "port", "from 0 to 65535"),
    ({"port": 0}, "port", "Persistence"),
    ({"persistent": -5}, "persistent", "from 0"),
    ({"persistent": 60, "pmask": Prefix(40)}, "pmask", "from /1 to /32"),
    ({"scheduler": Scheduler.RR, "scheduler_flags": (SchedulerFlag.SH_PORT,)}, "scheduler_flags", "sh scheduler"),
    ({"one_packet": True}, "one_packet", "UDP only"),
    ({"persistence_engine": "sip"}, "persistence_engine", "protocol udp"),
    ({"timeout": 0}, "timeout", "from 1"),
    ({"fall": 0}, "fall", "from 1 to 1000"),
    ({"check": CheckKind.HTTP, "check_path": "health"}, "check_path", "begin with /"),
    ({"check": CheckKind.HTTP, "check_path": "/a b\r\nX: y"}, "check_path", "begin with /"),
    ({"check": CheckKind.HTTPS, "check_host": "a b"}, "check_host", "such as www"),
    ({"check": CheckKind.HTTP, "check_status": "2xx"}, "check_status", "200-299,401"),
    ({"check": CheckKind.HTTP, "check_status": "300-200"}, "check_status", "200-299,401"),
    ({"sorry_server": ip_address("192.0.2.1")}, "sorry_server", "would loop"),
    ({"sorry_server": ip_address("2001:db8::9")}, "sorry_server", "the same address family, or tunnelling"),
    ({"fwmark": 2**32}, "fwmark", "to 4294967295"),
]


@pytest.mark.parametrize(("change", "field", "words"), VIRTUAL_ERRORS)
def test_it_refuses_a_virtual_server_that_cannot_work(change: dict[str, Any], field: str, words: str) -> None:
    path: Path = ("virtual", 0, "address", "device") if field == "device" else ("virtual", 0, field)
    problem = found(config(virtual(**change)))[path]
    assert problem.severity is Severity.ERROR
    assert words in problem.message


def test_an_inactive_virtual_server_may_be_incomplete() -> None:
    assert check(config(virtual(active=False, address=vip("0.0.0.0"), server=()))) == ()


def test_it_refuses_two_services_on_one_key_and_names_the_first() -> None:
    twice = config(virtual(), virtual(name="OTHER", server=(server(1),)))
    problem = found(twice)[("virtual", 1, "port")]
    assert problem.severity is Severity.ERROR
    assert "'WEB'" in problem.message


def test_two_services_of_one_name_on_one_key_are_still_two() -> None:
    assert ("virtual", 1, "port") in found(config(virtual(), virtual()))


def test_it_warns_of_a_shared_mark_because_piranha_ran_the_first() -> None:
    shared = config(virtual(fwmark=5, persistent=60), virtual(name="B", fwmark=5, persistent=60))
    assert found(shared)[("virtual", 1, "fwmark")].severity is Severity.WARNING


@pytest.mark.parametrize("name", ["primary", "primary_private", "backup", "backup_private"])
def test_it_refuses_a_virtual_ip_that_is_a_routers_own(name: str) -> None:
    changed = replace(config(), **{name: ip_address("192.0.2.1")})  # type: ignore[arg-type]
    assert found(changed)[("virtual", 0, "address")].severity is Severity.ERROR


def test_a_virtual_ip_that_somebody_else_brought_up_alone_is_used_as_it_is() -> None:
    address = ip_address("192.0.2.254")
    machine = replace(MACHINE, single=frozenset({address}))
    problem = found(config(virtual(address=vip("192.0.2.254"))), machine)[("virtual", 0, "address")]
    assert problem.severity is Severity.WARNING
    assert "is already up on eth0, and pulse did not add it" in problem.message


def test_it_refuses_a_virtual_ip_that_is_the_machines_own() -> None:
    problem = found(config(virtual(address=vip("192.0.2.254"))), MACHINE)[("virtual", 0, "address")]
    assert "this machine's own address on eth0" in problem.message


def test_it_names_the_devices_there_are() -> None:
    problem = found(config(virtual(address=vip("192.0.2.1", "eth7:1"))), MACHINE)[
        ("virtual", 0, "address", "device")
    ]
    assert problem.severity is Severity.ERROR
    assert "eth7 does not exist on this machine, which has: eth0, lo" in problem.message


WARNINGS: list[tuple[Config, Path, str]] = [
    (config(virtual(server=(server(port=8080),))), ("virtual", 0, "server", 0, "port"), "has no effect"),
    (config(virtual(server=(server(weight=0),))), ("virtual", 0, "server", 0, "weight"), "no new connections"),
    (config(virtual(fwmark=80)), ("virtual", 0, "persistent"), "without persistence"),
    (config(virtual(protocol=Protocol.UDP)), ("virtual", 0, "expect"), "cannot be checked"),
    (config(virtual(address=vip("192.0.2.1", "eth0"))), ("virtual", 0, "address", "device"), "no alias part"),
    (config(virtual(address=None)), ("virtual", 0, "address"), "cannot run"),
    (config(virtual(pmask=Prefix(24))), ("virtual", 0, "pmask"), "without Persistence"),
    (config(virtual(send_program="/bin/x")), ("virtual", 0, "send_program"), "counts as a failed check"),
    (config(virtual(send_program="/bin/x")), ("virtual", 0, "expect"), "only the exit status"),
    (config(virtual(protocol=Protocol.UDP, expect="x")), ("virtual", 0, "send"), "Send is not set"),
    (config(virtual(check=CheckKind.PING, send="x")), ("virtual", 0, "send"), "has no effect"),
    (config(virtual(expect="(a", use_regex=True)), ("virtual", 0, "expect"), "is invalid: missing )"),
    (config(keepalive=6, deadtime=6), ("deadtime",), "between two heartbeats"),
    (config(service=ClusterType.FOS), ("service",), "never run"),
    (config(active_cmd="/bin/true"), ("active_cmd",), "not run"),
    (config(network=Network.NAT), ("nat_router",), "without a gateway"),
    (config(virtual(), virtual(name="B", port=81, vip_nmask=Prefix(24))), ("virtual", 1, "address"), "once"),
]


@pytest.mark.parametrize(("configuration", "path", "words"), WARNINGS)
def test_it_warns_of_what_loads_but_will_bite(configuration: Config, path: Path, words: str) -> None:
    problem = found(configuration)[path]
    assert problem.severity is Severity.WARNING
    assert words in problem.message


def test_another_port_is_fine_with_nat() -> None:
    assert check(config(virtual(network=Network.NAT, server=(server(port=8080),)))) == ()


def test_a_tunnel_may_lead_to_the_other_ip_version() -> None:
    mixed = server(address=ip_address("2001:db8::1"), network=Network.TUNNEL)
    assert check(config(virtual(server=(mixed,)))) == ()


def test_with_a_memory_it_finds_the_same_when_only_the_surroundings_change() -> None:
    memory = ProblemCache()
    ported = virtual(server=(server(port=8080),))
    for network in (Network.NAT, Network.DIRECT, Network.DIRECT, Network.NAT):
        changed = config(virtual(name="A", port=81), ported, network=network)
        assert check(changed, memory=memory) == check(changed)


def test_with_a_memory_a_moved_block_is_reported_at_its_new_place() -> None:
    memory = ProblemCache()
    bad, good = virtual(name="", port=81), virtual()
    assert check(config(bad, good), memory=memory)[0].path == ("virtual", 0, "name")
    assert check(config(good, bad), memory=memory)[0].path == ("virtual", 1, "name")


@pytest.mark.parametrize(
    ("configuration", "runs"),
    [
        (config(virtual(), virtual(name="B", active=False, port=70000)), True),
        (config(virtual(server=(server(1), server(2, active=False, weight=-1)))), True),
        (config(keepalive=-3), True),
        (config(virtual(port=70000)), False),
        (config(virtual(server=(server(1, weight=-1),))), False),
        (config(tcp_timeout=-1), False),
    ],
)
def test_an_error_where_nothing_runs_keeps_nothing_from_running(configuration: Config, runs: bool) -> None:
    problems = check(configuration)
    assert is_refused(problems)
    assert is_refused(judged_for_running(configuration, problems)) is not runs


UNUSABLE: list[tuple[dict[str, Any], Path]] = [
    ({"address": None, "fwmark": 5, "persistent": 300, "pmask": Prefix(64)}, ("virtual", 0, "pmask")),
    ({"address": vip("255.255.255.255")}, ("virtual", 0, "address")),
    ({"address": vip("0.0.0.5")}, ("virtual", 0, "address")),
    ({"address": vip("240.0.0.1")}, ("virtual", 0, "address")),
    ({"server": (server(address=ip_address("255.255.255.255")),)}, ("virtual", 0, "server", 0, "address")),
    (
        {"address": vip("2001:db8::1"), "server": (server(address=ip_address("fe80::1")),)},
        ("virtual", 0, "server", 0, "address"),
    ),
    (
        {"address": None, "fwmark": 5, "server": (server(address=ip_address("2001:db8::1")),)},
        ("virtual", 0, "server", 0, "address"),
    ),
    ({"network": Network.NAT, "server": (server(1), server(1, port=80))}, ("virtual", 0, "server", 1, "address")),
]


@pytest.mark.parametrize(("change", "path"), UNUSABLE)
def test_it_refuses_what_the_kernel_would_refuse_or_merge(change: dict[str, Any], path: Path) -> None:
    assert found(config(virtual(**change)))[path].severity is Severity.ERROR
