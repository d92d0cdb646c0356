"""Who should answer a router on its network."""

from ipaddress import ip_address, ip_interface

from app.lvs.config import Config, RealServer, VirtualServer
from app.lvs.neighbours import NEIGHBOURS_MAX, neighbours

OWN = [ip_interface("192.0.2.2/24"), ip_interface("2001:db8::2/64")]


def config(*addresses: str) -> Config:
    servers = tuple(RealServer(name=one, address=ip_address(one)) for one in addresses)
    return Config(virtual=(VirtualServer(name="web", server=servers), VirtualServer(name="again", server=servers)))


def found(*servers: str, gateways: tuple[str, ...] = ()) -> list[str]:
    return [str(one) for one in neighbours(config(*servers), map(ip_address, gateways), OWN)]


def test_gateways_and_real_servers_of_its_networks_are_asked_each_once() -> None:
    servers = ["192.0.2.11", "2001:db8::11"]
    assert found(*servers, gateways=("192.0.2.1",)) == ["192.0.2.1", *servers]


def test_what_is_behind_another_router_is_not_asked() -> None:
    assert found("198.51.100.7", "2001:db8:1::1", gateways=("198.51.100.1",)) == []


def test_of_many_a_few_are_asked() -> None:
    assert len(found(*(f"192.0.2.{number}" for number in range(10, 100)))) == NEIGHBOURS_MAX
