"""What a drained server still waits for, said with a bound that holds."""

import pytest

from app.web.config.drain import EMPTY, waits_for
from tests.web.pulse_double import a_service

TIMEOUTS = {"tcp": 900, "tcpfin": 120, "udp": 300}


def waits(active: int, inactive: int, sticky: int, protocol: str = "TCP", persistent_s: int = 300) -> str:
    service = a_service(1)
    service["protocol"] = protocol
    destination = service["destinations"][0]
    destination.update({"active": active, "inactive": inactive, "persistent": sticky, "weight": 0})
    return waits_for(service, destination, TIMEOUTS, persistent_s)


def test_a_server_with_nothing_left_is_empty() -> None:
    assert waits(0, 0, 0) == EMPTY


@pytest.mark.parametrize(
    ("said", "active", "inactive", "protocol"),
    [
        ("waiting for 1 active connection, each expiring at most 15 min after its last packet", 1, 0, "TCP"),
        (
            "waiting for 3 active and 12 inactive connections, each expiring at most 15 min after its last packet",
            3,
            12,
            "TCP",
        ),
        ("waiting for 2 inactive connections, each expiring at most 2 min after its last packet", 0, 2, "TCP"),
        ("waiting for 2 inactive connections, each expiring at most 5 min after its last packet", 0, 2, "UDP"),
        ("waiting for 2 active connections, each expiring at most 15 min after its last packet", 2, 0, "FWM"),
        ("waiting for 2 active connections", 2, 0, "SCTP"),
    ],
)
def test_connections_are_bounded_by_the_time_the_kernel_remembers_them(
    said: str, active: int, inactive: int, protocol: str
) -> None:
    assert waits(active, inactive, 0, protocol) == said


def test_sticky_clients_may_come_back_for_as_long_as_they_are_remembered() -> None:
    assert waits(0, 0, 41) == "41 sticky clients may still open new connections for up to 5 min after the last one"
    assert waits(0, 0, 1, persistent_s=90).startswith(
        "1 sticky client may still open new connections for up to 1 min 30 s"
    )
    assert "; 2 sticky clients" in waits(1, 0, 2)
