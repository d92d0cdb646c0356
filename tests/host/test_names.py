from ipaddress import IPv4Address

import pytest

from app.host.names import SystemNames


def test_the_loopback_has_its_address() -> None:
    assert SystemNames().host("localhost") == IPv4Address("127.0.0.1")


@pytest.mark.parametrize("name", ["no-such-host.invalid", "", "a" * 300, "a..b", "\udcff"])
def test_a_host_that_is_not_known_is_none(name: str) -> None:
    assert SystemNames().host(name) is None


def test_a_service_has_its_tcp_port() -> None:
    assert SystemNames().service("http") == 80


@pytest.mark.parametrize("name", ["no-such-service", "", "ht\0tp", "\udcff"])
def test_a_service_that_is_not_known_is_none(name: str) -> None:
    assert SystemNames().service(name) is None
