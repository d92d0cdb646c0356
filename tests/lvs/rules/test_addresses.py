"""Every rule about an address sees through its spelling."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.machine import Machine
from app.lvs.model.problem import Severity
from app.lvs.model.values import Address, Floating, Network, Prefix
from app.lvs.rules.rulebook import check, is_refused, judged_for_running
from tests.lvs.samples import config, server, virtual

SIX = Floating(ip_address("2001:db8::100"), "eth0:1")
PLACES: dict[str, Callable[[Address], Config]] = {
    "virtual": lambda address: config(_six(address=Floating(address, "eth0:1"), server=())),
    "server": lambda address: config(_six(server=(server(address=address),))),
    "check_address": lambda address: config(_six(server=(_server_six(check_address=address),))),
    "check_source": lambda address: config(_six(check_source=address)),
    "also_check": lambda address: config(_six(also_check=f"tcp source={address}")),
    "sorry_server": lambda address: config(_six(sorry_server=address)),
    "sorry_server of a mark": lambda address: config(
        _six(address=None, fwmark=5, persistent=60, server=(), sorry_server=address)
    ),
    "nat_router": lambda address: config(network=Network.NAT, nat_router=Floating(address, "eth1:1")),
    "primary": lambda address: _pair(primary=address),
    "primary_private": lambda address: _pair(primary_private=address),
    "backup": lambda address: _pair(backup=address),
    "backup_private": lambda address: _pair(backup_private=address),
    "mail_server": lambda address: config(mail_to="root", mail_server=f"[{address}]:25"),
    "webhook": lambda address: config(webhook=f"http://[{address}]/hook"),
}
ODD = (
    "::ffff:169.254.169.254",
    "::a9fe:a9fe",
    "::ffff:0:a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "2001:0:c000:201::5601:5601",
    "2001:db8::5efe:a9fe:a9fe",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "::ffff:224.0.0.1",
    "::ffff:0.0.0.0",
    "ff02::1",
)


def _server_six(**changes: Any) -> RealServer:
    return server(address=ip_address("2001:db8::11"), **changes)


def _six(**changes: Any) -> VirtualServer:
    good: dict[str, Any] = {"address": SIX, "vip_nmask": Prefix(128), "server": (_server_six(),)}
    return virtual(**{**good, **changes})


def _pair(**changes: Any) -> Config:
    good: dict[str, Any] = {
        "primary": ip_address("2001:db8::2"),
        "backup": ip_address("2001:db8::3"),
        "backup_active": True,
    }
    return config(**{**good, **changes})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", ODD)
def test_an_address_no_host_can_have_is_refused_however_it_is_written(place: str, text: str) -> None:
    problems = check(PLACES[place](ip_address(text)))
    assert is_refused(problems), place


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", ["2001:db8::77", "64:ff9b::192.0.2.77", "2002:c000:24d::1"])
def test_an_address_a_host_can_have_is_not(place: str, text: str) -> None:
    assert not is_refused(check(PLACES[place](ip_address(text))))


@pytest.mark.parametrize("place", ["virtual", "server", "sorry_server", "nat_router", "primary"])
def test_ipv4_written_as_ipv6_is_a_warning_that_says_what_to_write(place: str) -> None:
    problems = check(PLACES[place](ip_address("::ffff:192.0.2.77")))
    assert not is_refused(problems)
    assert any("write 192.0.2.77" in problem.message for problem in problems)


@pytest.mark.parametrize("text", ["127.0.0.1", "::1"])
def test_the_local_node_is_still_a_server_and_a_sorry_server(text: str) -> None:
    address = ip_address(text)
    good = virtual() if address.version == 4 else _six()
    for changed in (replace(good, server=(server(address=address),)), replace(good, sorry_server=address)):
        assert not is_refused(check(config(changed)))


def test_routers_may_have_link_local_addresses_on_a_network_of_their_own() -> None:
    assert not is_refused(check(_pair(primary_private=ip_address("169.254.36.1"))))
    assert not is_refused(check(_pair(primary_private=ip_address("fe80::1"))))


def test_a_router_with_an_odd_address_still_runs_alone() -> None:
    odd = _pair(backup=ip_address("::ffff:127.0.0.1"))
    assert is_refused(check(odd))
    assert not is_refused(judged_for_running(odd, check(odd)))


@pytest.mark.parametrize("text", ["10.0.0.9", "::ffff:224.0.0.81", "64:ff9b::e000:51", "2002:e000:51::"])
def test_a_group_that_only_stands_for_one_is_none(text: str) -> None:
    problems = check(replace(config(), syncd_group=ip_address(text)))
    assert [problem.path for problem in problems if problem.severity is Severity.ERROR] == [("syncd_group",)]


SAME = "::ffff:192.0.2.1"


@pytest.mark.parametrize(
    "changed",
    [
        config(virtual(), _six(name="B", network=Network.TUNNEL, server=(server(address=ip_address(SAME)),))),
        config(virtual(sorry_server=ip_address(SAME), network=Network.TUNNEL)),
        replace(config(), primary=ip_address("::ffff:192.0.2.1")),
        config(network=Network.NAT, nat_router=Floating(ip_address(SAME), "eth1:1")),
    ],
    ids=["server", "sorry server", "router", "nat router"],
)
def test_the_virtual_ip_is_recognised_in_another_spelling(changed: Config) -> None:
    assert is_refused(check(changed))


def test_this_machines_own_address_is_recognised_in_another_spelling() -> None:
    machine = Machine({"eth0": frozenset({ip_address("192.0.2.254")})})
    problems = check(PLACES["virtual"](ip_address("::ffff:192.0.2.254")), machine)
    assert any("this machine's own address on eth0" in problem.message for problem in problems)


@pytest.mark.parametrize(
    "host",
    [
        *("169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"),
        *("169.254.169.254.", "0", "0.0.0.0", "[::]", "[fe80::1]", "[::ffff:a9fe:a9fe]", "255.255.255.255"),
        *("100.100.100.200", "168.63.129.16", "[fd00:ec2::254]", "[64:ff9b::100.100.100.200]"),
    ],
)
def test_a_webhook_to_where_a_cloud_gives_out_credentials_is_refused(host: str) -> None:
    [problem] = check(config(webhook=f"http://{host}/latest/meta-data"))
    assert (problem.severity, problem.path) == (Severity.ERROR, ("webhook",))
    assert "Use the address or name of a server" in problem.message


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0177.0.0.1", "127.1", "[::1]", "localhost", "LOCALHOST.", "x.localhost"]
)
def test_a_webhook_to_this_machine_is_a_warning(host: str) -> None:
    [problem] = check(config(webhook=f"http://{host}:9000/hook"))
    assert (problem.severity, problem.path) == (Severity.WARNING, ("webhook",))
    assert "is this router itself" in problem.message


def test_a_mail_server_on_this_machine_is_what_is_usual() -> None:
    assert check(config(mail_to="root", mail_server="127.0.0.1:25")) == ()
