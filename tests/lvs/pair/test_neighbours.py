"""Who should answer a router on its network."""

from ipaddress import ip_address, ip_interface

from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.pair.neighbours import NEIGHBOURS_MAX, neighbours

OWN = [ip_interface("192.0.2.2/24"), ip_interface("2001:db8::2/64")]


def config(*addresses: str) -> Config:
    servers = tuple(RealServer(name=address, address=ip_address(address)) for address in addresses)
    return Config(virtual=(VirtualServer(name="web", server=servers), VirtualServer(name="again", server=servers)))


def found(*servers: str, gateways: tuple[str, ...] = ()) -> list[str]:
    return [str(neighbour) for neighbour in neighbours(config(*servers), map(ip_address, gateways), OWN)]


def test_gateways_and_real_servers_of_its_networks_are_asked_each_once() -> None:
    servers = ["192.0.2.11", "2001:db8::11"]
    assert found(*servers, gateways=("192.0.2.1",)) == ["192.0.2.1", *servers]


def test_each_is_asked_from_the_routers_address_in_its_network() -> None:
    asked = neighbours(config("192.0.2.11", "2001:db8::11"), (), OWN)
    assert [str(source) for source in asked.values()] == ["192.0.2.2", "2001:db8::2"]


def test_the_router_does_not_ask_itself_nor_what_is_behind_another_one() -> None:
    assert found("192.0.2.2", "198.51.100.7", "2001:db8:1::1", gateways=("198.51.100.1",)) == []


def test_of_many_a_few_are_asked() -> None:
    assert len(found(*(f"192.0.2.{number}" for number in range(10, 100)))) == NEIGHBOURS_MAX
