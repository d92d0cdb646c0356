"""From lvs.cf's words to the kernel's."""

from ipaddress import ip_address

import pytest

from app.lvs.desired.table import DesiredWeights, ServiceCache, desired
from app.lvs.ipvs.ipvsadm import saved
from app.lvs.model.config import Config
from app.lvs.model.schedulers import Scheduler, SchedulerFlag
from app.lvs.model.values import ClusterType, Floating, Network, Prefix, Protocol, TunnelChecksum, TunnelType
from tests.lvs.samples import config, server, virtual

V6 = Floating(ip_address("2001:db8::1"), "eth0:1")

CASES: dict[str, tuple[Config, list[str]]] = {
    "direct routing with Piranha's default scheduler": (
        config(virtual(server=(server(1), server(2, weight=3)))),
        ["-A -t 192.0.2.1:80 -s wlc", "-a -t 192.0.2.1:80 -r 192.0.2.11:80 -g -w 1",
         "-a -t 192.0.2.1:80 -r 192.0.2.12:80 -g -w 3"],
    ),
    "a file without a network type means NAT": (
        config(virtual(server=(server(port=8080),)), network=None),
        ["-A -t 192.0.2.1:80 -s wlc", "-a -t 192.0.2.1:80 -r 192.0.2.11:8080 -m -w 1"],
    ),
    "with direct routing the server's own port has no effect": (
        config(virtual(server=(server(port=8080),))),
        ["-A -t 192.0.2.1:80 -s wlc", "-a -t 192.0.2.1:80 -r 192.0.2.11:80 -g -w 1"],
    ),
    "inactive servers are left out": (
        config(virtual(server=(server(1, active=False), server(2, active=None)))),
        ["-A -t 192.0.2.1:80 -s wlc"],
    ),
    "a service without an address is left out, the others run": (
        config(virtual(address=None), virtual(name="B", port=81, server=())),
        ["-A -t 192.0.2.1:81 -s wlc"],
    ),
    "inactive services are left out": (config(virtual(active=False)), []),
    "failover services are not run": (config(service=ClusterType.FOS), []),
    "persistence with a mask": (
        config(virtual(persistent=300, pmask=ip_address("255.255.255.0"), server=())),
        ["-A -t 192.0.2.1:80 -s wlc -p 300 -M 255.255.255.0"],
    ),
    "persistence with a mask written as a length": (
        config(virtual(persistent=300, pmask=Prefix(20), server=())),
        ["-A -t 192.0.2.1:80 -s wlc -p 300 -M 255.255.240.0"],
    ),
    "a mask of no bits is no mask": (
        config(virtual(persistent=300, pmask=Prefix(0), server=())),
        ["-A -t 192.0.2.1:80 -s wlc -p 300"],
    ),
    "a full mask is no mask": (
        config(virtual(persistent=300, pmask=ip_address("255.255.255.255"), server=())),
        ["-A -t 192.0.2.1:80 -s wlc -p 300"],
    ),
    "a mask without persistence has no effect": (
        config(virtual(pmask=Prefix(24), server=())),
        ["-A -t 192.0.2.1:80 -s wlc"],
    ),
    "a firewall mark keeps the packet's port": (
        config(virtual(fwmark=80, persistent=60, network=Network.NAT, server=(server(),))),
        ["-A -f 80 -s wlc -p 60", "-a -f 80 -r 192.0.2.11:0 -m -w 1"],
    ),
    "the second service on a mark is not run": (
        config(virtual(fwmark=80, server=()), virtual(name="B", fwmark=80, scheduler=Scheduler.RR, server=())),
        ["-A -f 80 -s wlc"],
    ),
    "a mark takes its family from the virtual IP": (
        config(virtual(fwmark=80, address=V6, server=())),
        ["-A -f 80 -6 -s wlc"],
    ),
    "IPv6 with a persistence prefix": (
        config(virtual(address=V6, persistent=60, pmask=Prefix(64), server=())),
        ["-A -t [2001:db8::1]:80 -s wlc -p 60 -M 64"],
    ),
    "UDP packet by packet, with flags of the hash": (
        config(virtual(protocol=Protocol.UDP, one_packet=True, scheduler=Scheduler.SH,
                       scheduler_flags=(SchedulerFlag.SH_PORT, SchedulerFlag.SH_FALLBACK), server=())),
        ["-A -u 192.0.2.1:80 -s sh -o -b sh-fallback,sh-port"],
    ),
    "one server tunnelled among direct ones": (
        config(virtual(server=(server(1), server(2, network=Network.TUNNEL, tunnel_type=TunnelType.GUE,
                                                 tunnel_port=6080, tunnel_checksum=TunnelChecksum.FULL)))),
        ["-A -t 192.0.2.1:80 -s wlc", "-a -t 192.0.2.1:80 -r 192.0.2.11:80 -g -w 1",
         "-a -t 192.0.2.1:80 -r 192.0.2.12:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_says_what_ipvsadm_would_be_told(name: str) -> None:
    configuration, expected = CASES[name]
    assert list(saved(desired(configuration))) == expected


def test_a_virtual_server_seen_before_gives_the_same_service_object() -> None:
    memory = ServiceCache()
    first, second = virtual(), virtual(name="B", port=81)
    before = desired(config(first, second), memory)
    after = desired(config(first, virtual(name="B", port=82)), memory)
    key = next(iter(before))
    assert after[key] is before[key]
    assert len(memory) == 2


def test_another_network_type_makes_new_services() -> None:
    memory = ServiceCache()
    before = virtual()
    direct = desired(config(before), memory)
    nat = desired(config(before, network=Network.NAT), memory)
    assert direct != nat


def test_the_weights_of_health_hold_and_without_one_a_server_is_not_there() -> None:
    block = virtual(server=(server(1, weight=9), server(2), server(3)), sorry_server=ip_address("192.0.2.99"))
    table = desired(config(block), health=[DesiredWeights((4, None, 0))])
    assert [line.split("-r ")[1] for line in saved(table) if " -r " in line] == [
        "192.0.2.11:80 -g -w 4",
        "192.0.2.13:80 -g -w 0",
    ]


@pytest.mark.parametrize(
    ("network", "expected"), [(Network.NAT, "192.0.2.99:8080 -m"), (Network.DIRECT, "192.0.2.99:80 -g")]
)
def test_the_sorry_server_has_a_port_of_its_own_with_nat(network: Network, expected: str) -> None:
    block = virtual(server=(), sorry_server=ip_address("192.0.2.99"), sorry_port=8080)
    table = desired(config(block, network=network), health=[DesiredWeights((), sorry=True)])
    assert f"-a -t 192.0.2.1:80 -r {expected} -w 1" in list(saved(table))


def test_another_weight_makes_another_service_object_and_the_same_one_does_not() -> None:
    memory = ServiceCache()
    configuration = config(virtual(server=(server(1),)), virtual(name="B", port=81, server=(server(1),)))
    before = desired(configuration, memory, [DesiredWeights((1,)), DesiredWeights((1,))])
    after = desired(configuration, memory, [DesiredWeights((1,)), DesiredWeights((0,))])
    assert [after[key] is before[key] for key in before] == [True, False]
