"""Rules about who is kept and who replaces whom, about administrators' words and about names."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.config import Config
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.model.schedulers import Scheduler
from app.lvs.model.values import AdminState, Floating, Network
from app.lvs.rules.rulebook import check
from tests.lvs.samples import config, server, virtual

V: Path = ("virtual", 0)
SORRY = ip_address("192.0.2.99")
TIERS = (server(1), server(2, tier=1), server(3, tier=1))
AGENT = {"load_monitor": "agent", "load_port": 9777}


def only(configuration: Config) -> Problem:
    problems = check(configuration)
    assert len(problems) == 1, problems
    return problems[0]


GOOD: list[dict[str, Any]] = [
    {"quorum": 2, "quorum_margin": 1, "sorry_server": SORRY},
    {"max_out": 34},
    {"max_out": 100},
    {"server": TIERS, "tier_need": 1},
    {"slow_start": 60, "server": (server(weight=10), server(2))},
    {"damping": 60},
    {"damping": 600, "rise": 3},
    {"degraded_ms": 500, "degraded_weight": 50},
    {"sorry_server": SORRY, "sorry_port": 8080, "network": Network.NAT},
    {**AGENT, "load_step": 20, "load_floor": 10},
    {"load_monitor": "none"},
    {"server": (server(admin_state=AdminState.DRAIN, admin_until="2026-01-31T22:00Z", admin_reason="disk"),)},
    {"server": (server(check_address=ip_address("198.51.100.1"), check_port=8080),)},
    {"active": False, "quorum": 9, "server": ()},
]


@pytest.mark.parametrize("change", GOOD)
def test_what_works_has_no_problem(change: dict[str, Any]) -> None:
    assert check(config(virtual(**change))) == ()


WARNINGS: list[tuple[dict[str, Any], str, str]] = [
    (
        {"quorum": 4},
        "quorum",
        "3 active servers with a weight above 0: it is always lost. Set at most 3",
    ),
    ({"quorum": 4, "sorry_server": SORRY}, "quorum", "only the sorry server ever serves"),
    ({"quorum": 2, "server": (server(1), server(2, active=False))}, "quorum", "there is 1 active server with"),
    ({"quorum": 2, "quorum_margin": 2}, "quorum_margin", "requires 4 servers to be regained"),
    ({"max_out": 0}, "max_out", "0 percent of 3 active servers is less than one"),
    ({"max_out": 33}, "max_out", "Set at least 34"),
    ({"tier_need": 2}, "tier_need", "all active servers are of the same tier"),
    ({"tier_need": 2, "server": TIERS}, "tier_need", "Set at most 1"),
    ({"slow_start": 60}, "slow_start", "no server has a weight above 1"),
    ({"damping": 200}, "damping", "longer than the Re-entry Time of 180 s"),
    ({"degraded_weight": 50}, "degraded_weight", "without Degraded from"),
    ({"degraded_ms": 10_000}, "degraded_ms", "Set less than 10000"),
    ({"degraded_ms": 3000, "check_limit": 2, "check_interval": 4}, "degraded_ms", "Set less than 2000"),
    ({**AGENT, "scheduler": Scheduler.RR}, "load_monitor", "rr ignores weights"),
    ({**AGENT, "scheduler": Scheduler.FO}, "load_monitor", "moves all of them to another server"),
    (
        {"slow_start": 9, "scheduler": Scheduler.LC, "server": (server(weight=10),)},
        "slow_start",
        "lc ignores weights",
    ),
    ({"sorry_port": 8080}, "sorry_port", "there is no Sorry Server"),
    ({"sorry_port": 8080, "sorry_server": SORRY}, "sorry_port", "use NAT"),
]


@pytest.mark.parametrize(("change", "field", "words"), WARNINGS)
def test_it_warns_of_what_will_surprise(change: dict[str, Any], field: str, words: str) -> None:
    problem = only(config(virtual(**change)))
    assert (problem.severity, problem.path) == (Severity.WARNING, (*V, field))
    assert words in problem.message


@pytest.mark.parametrize(
    ("tiers", "place", "words"),
    [((0, 2), 1, "this tier follows tier 0"), ((3, 3), 0, "this tier serves first")],
)
def test_a_gap_between_tiers_is_told_where_it_is(tiers: tuple[int, int], place: int, words: str) -> None:
    servers = tuple(server(number, tier=tier) for number, tier in enumerate(tiers, 1))
    problem = check(config(virtual(server=servers)))[0]
    assert problem.path == (*V, "server", place, "tier")
    assert words in problem.message


SERVERS: list[tuple[dict[str, Any], str, Severity, str]] = [
    ({"admin_state": AdminState.DRAIN, "admin_until": "tomorrow"}, "admin_until", Severity.ERROR, "time in UTC"),
    ({"admin_state": AdminState.DRAIN, "admin_until": "2026-02-30T10:00Z"}, "admin_until", Severity.ERROR, "UTC"),
    ({"admin_until": "2026-01-31T22:00Z"}, "admin_until", Severity.WARNING, "is ready"),
    ({"admin_state": AdminState.READY, "admin_reason": "x"}, "admin_reason", Severity.WARNING, "is ready"),
    ({"check_address": ip_address("0.0.0.0")}, "check_address", Severity.ERROR, "is unset"),
    ({"check_address": ip_address("224.0.0.1")}, "check_address", Severity.ERROR, "is multicast"),
    ({"check_address": ip_address("192.0.2.1")}, "check_address", Severity.WARNING, "Virtual IP Address"),
    ({"name": "a\x1b[2Jb"}, "name", Severity.ERROR, "has a control character (U+001B)"),
    ({"name": "a\u202eb"}, "name", Severity.ERROR, "has a control character (U+202E)"),
    (
        {"admin_state": AdminState.DRAIN, "admin_reason": "a\tb"},
        "admin_reason",
        Severity.ERROR,
        "Reason has a control character (U+0009)",
    ),
]


@pytest.mark.parametrize(("change", "field", "severity", "words"), SERVERS)
def test_a_servers_own_words_are_looked_at(
    change: dict[str, Any], field: str, severity: Severity, words: str
) -> None:
    problem = only(config(virtual(server=(server(**change),))))
    assert (problem.severity, problem.path) == (severity, (*V, "server", 0, field))
    assert words in problem.message


@pytest.mark.parametrize("word", [CheckKind.PING, CheckKind.NONE])
def test_a_check_port_nobody_asks_is_warned_of(word: CheckKind) -> None:
    problem = only(config(virtual(check=word, server=(server(check_port=8080),))))
    assert (problem.severity, problem.path[-1]) == (Severity.WARNING, "check_port")


def test_a_control_character_in_a_name_or_a_device_is_refused() -> None:
    assert only(config(virtual(name="a\x07b"))).path == (*V, "name")
    device = replace(virtual(), address=Floating(ip_address("192.0.2.1"), "eth0:\x07"))
    assert only(config(device)).path == (*V, "address", "device")
    router = Floating(ip_address("192.0.2.2"), "eth0:\x07")
    assert only(config(network=Network.NAT, nat_router=router)).path == ("nat_router", "device")


def test_names_in_any_script_are_fine() -> None:
    assert check(config(virtual(name="Büro 東京 می‌خواهم"))) == ()


def test_a_control_character_is_not_repeated_in_a_message() -> None:
    problem = check(config(virtual(name="A\x1b"), virtual(name="B")))[-1]
    assert problem.path == ("virtual", 1, "port")
    assert "'A␛'" in problem.message


GLOBALS: list[tuple[dict[str, Any], Severity, str]] = [
    ({"announce_every": 3}, Severity.WARNING, "10 s or more is enough"),
    ({"notify_program": "/bin/sh"}, Severity.ERROR, "the name of a file"),
    ({"notify_program": "tell.sh now"}, Severity.ERROR, "without slashes, blanks or arguments"),
    ({"notify_program": ".."}, Severity.ERROR, "the name of a file"),
    ({"notify_program": "-x"}, Severity.ERROR, "the name of a file"),
]


@pytest.mark.parametrize(("change", "severity", "words"), GLOBALS)
def test_the_settings_of_the_whole_are_looked_at(change: dict[str, Any], severity: Severity, words: str) -> None:
    problem = only(config(**change))
    assert (problem.severity, problem.path) == (severity, (next(iter(change)),))
    assert words in problem.message


def test_a_notification_program_by_its_name_is_fine() -> None:
    assert check(config(notify_program="tell.sh", announce_every=60)) == ()


def test_a_server_of_weight_0_does_not_count_for_the_quorum() -> None:
    problems = check(config(virtual(quorum=2, server=(server(1), server(2, weight=0)))))
    [found] = [problem for problem in problems if problem.path == (*V, "quorum")]
    assert "there is 1 active server with a weight above 0" in found.message
