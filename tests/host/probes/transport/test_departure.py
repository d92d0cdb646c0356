"""Checks that leave from a virtual IP: what only the director can know is said beside the failure."""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from app.host.probes.transport.departure import leaving_address
from app.lvs.checks.check import Check, Outcome, Result
from app.lvs.checks.origin import CheckOrigin
from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.config import Config
from app.lvs.model.values import Floating, Network
from lab import namespaces
from tests.host.probes import hostile
from tests.host.probes.asking import check, prober
from tests.host.probes.threaded import serving, unasked
from tests.lvs.samples import server, virtual

VIP = ip_address("127.0.0.1")
SAID = "the check leaves from the virtual IP 127.0.0.1 itself, which servers without NAT have as well"


def origin(network: Network = Network.DIRECT, address: str = "127.0.0.1") -> CheckOrigin:
    shared = virtual(address=Floating(ip_address(address), "eth5:1"), server=(server(),))
    return CheckOrigin(Config(network=network, virtual=(shared,)))


def by_nat() -> CheckOrigin:
    """Return a director whose server is behind NAT although the others are not."""
    shared = virtual(address=Floating(VIP, "eth5:1"), server=(server(network=Network.NAT),))
    return CheckOrigin(Config(network=Network.DIRECT, virtual=(shared,)))


def asked(asking: Check, origin: CheckOrigin) -> Result:
    async def run() -> Result:
        one = prober()
        one.origin = origin
        if asking.kind is not CheckKind.TCP:
            return await one.run(asking)
        ended: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        one.start(asking, ended.set_result)
        result = await ended
        one.close()
        assert (await one.run(asking)).message == result.message
        return result

    return asyncio.run(run())


@pytest.mark.parametrize("kind", [CheckKind.TCP, CheckKind.SEND, CheckKind.SMTP])
def test_an_unanswered_check_from_a_virtual_ip_says_so(kind: CheckKind) -> None:
    with hostile.dropping_syns() as port:
        result = asked(check(port, kind), origin())
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, False)
    assert f": timed out, no answer within 1 s ({SAID}" in result.message
    assert "give the interface an address of its own in that network, or set Check source" in result.message


@pytest.mark.parametrize(
    ("origin", "more"),
    [
        (origin(Network.NAT), {}),
        (origin(address="127.0.0.9"), {}),
        (by_nat(), {}),
        (origin(), {"source": ip_address("127.0.0.2")}),
    ],
)
def test_nothing_is_said_where_it_is_no_reason(origin: CheckOrigin, more: Any) -> None:
    with hostile.dropping_syns() as port:
        result = asked(check(port, CheckKind.TCP, **more), origin)
    assert result.message.endswith("timed out, no answer within 1 s")


def test_nothing_is_said_of_a_server_that_answers() -> None:
    with serving(unasked(b"no\r\n")) as port:
        result = asked(check(port, CheckKind.SEND, expect=b"yes"), origin())
    assert result.message.endswith("answered 'no\\r\\n', expected 'yes'")


def test_test_now_shows_it_among_the_steps() -> None:
    with hostile.dropping_syns() as port:
        _, steps = asyncio.run(prober().trace(check(port, CheckKind.SEND), origin()))
    assert steps[-1].text.startswith(SAID)


@pytest.mark.parametrize(("address", "more"), [("127.0.0.1", {}), ("::1", {}), ("127.0.0.1", {"port": 0})])
def test_the_kernel_is_asked_from_where_a_check_leaves(address: str, more: Any) -> None:
    asking = check(**{"port": 80, "address": ip_address(address), **more})
    assert leaving_address(asking) == ip_address(address)


def test_a_source_that_is_not_there_is_none() -> None:
    assert leaving_address(check(80, source=ip_address("192.0.2.77"))) is None


DIRECTOR_SIDE, SERVER_SIDE = "departure-a", "departure-b"


@pytest.fixture
def direct_routing() -> Iterator[int]:
    """A server with the virtual IP on its loopback interface, in a network where this side has only that IP."""
    names = (DIRECTOR_SIDE, SERVER_SIDE)
    namespaces.delete(names)
    namespaces.add(names)
    try:
        namespaces.ip(DIRECTOR_SIDE, [f"link add eth5 type veth peer name eth0 netns {SERVER_SIDE}"])
        namespaces.ip(DIRECTOR_SIDE, ["address add 10.60.0.100/24 dev eth5", "link set eth5 up"])
        lines = ["link set lo up", "address add 10.60.0.100/32 dev lo"]
        namespaces.ip(SERVER_SIDE, [*lines, "address add 10.60.0.11/24 dev eth0", "link set eth0 up"])
        with namespaces.entered(SERVER_SIDE):
            listener = socket.create_server(("10.60.0.11", 0))
        with listener:
            yield listener.getsockname()[1]
    finally:
        namespaces.delete(names)


@pytest.mark.kernel
@pytest.mark.parametrize("kind", [CheckKind.TCP, CheckKind.SEND, CheckKind.PING])
def test_servers_with_the_virtual_ip_on_loopback_do_not_answer_it(direct_routing: int, kind: CheckKind) -> None:
    asking = check(direct_routing, kind, address=ip_address("10.60.0.11"), limit_s=3)
    here = origin(address="10.60.0.100")
    with namespaces.entered(DIRECTOR_SIDE):
        result = asked(asking, here)
        assert result.outcome is Outcome.FAILED
        assert "the check leaves from the virtual IP 10.60.0.100 itself" in result.message
        namespaces.ip(DIRECTOR_SIDE, ["address add 10.60.0.2/24 dev eth5"])
        result = asked(replace(asking, source=ip_address("10.60.0.2")), here)
        assert result.outcome is Outcome.PASSED, result.message


@pytest.fixture
def with_other_virtual_ips(direct_routing: int) -> tuple[int, CheckOrigin]:
    """The director's other addresses are another virtual IP and the NAT router's address."""
    namespaces.ip(DIRECTOR_SIDE, ["address add 10.60.0.101/24 dev eth5", "address add 10.60.0.1/24 dev eth5"])
    ips = [Floating(ip_address(f"10.60.0.{number}"), "eth5:1") for number in (100, 101, 1)]
    mask = ip_address("255.255.255.0")
    services = tuple(virtual(address=ip, vip_nmask=mask, server=(server(),)) for ip in ips[:2])
    return direct_routing, CheckOrigin(Config(network=Network.DIRECT, nat_router=ips[2], virtual=services))


@pytest.mark.kernel
@pytest.mark.parametrize("kind", [CheckKind.TCP, CheckKind.SEND, CheckKind.PING])
def test_an_own_address_that_came_after_the_virtual_ip_is_where_checks_leave_from(
    with_other_virtual_ips: tuple[int, CheckOrigin], kind: CheckKind
) -> None:
    port, here = with_other_virtual_ips
    asking = check(port, kind, address=ip_address("10.60.0.11"), limit_s=3)
    with namespaces.entered(DIRECTOR_SIDE):
        assert "leaves from the virtual IP 10.60.0.100 itself" in asked(asking, here).message
        namespaces.ip(DIRECTOR_SIDE, ["address add 10.60.0.2/24 dev eth5"])
        assert leaving_address(asking) == ip_address("10.60.0.100")
        result = asked(asking, here)
    assert result.outcome is Outcome.PASSED, result.message


@pytest.mark.kernel
def test_test_now_of_one_service_takes_no_virtual_ip_of_another_for_an_own_address(
    with_other_virtual_ips: tuple[int, CheckOrigin],
) -> None:
    port, here = with_other_virtual_ips
    one = prober()
    one.origin = here
    alone = CheckOrigin(Config(network=Network.DIRECT, virtual=here.config.virtual[:1]))
    asking = check(port, CheckKind.SEND, address=ip_address("10.60.0.11"), limit_s=3)
    with namespaces.entered(DIRECTOR_SIDE):
        result, _ = asyncio.run(one.trace(asking, alone))
        assert "leaves from the virtual IP 10.60.0.100 itself" in result.message
        namespaces.ip(DIRECTOR_SIDE, ["address add 10.60.0.2/24 dev eth5"])
        result, steps = asyncio.run(one.trace(asking, alone))
    assert result.outcome is Outcome.PASSED, result.message
    assert steps[0].text == "leaves from 10.60.0.2, as servers with the virtual IP do not answer that"


@pytest.mark.kernel
def test_without_one_in_that_network_checks_leave_from_another_of_the_interface(direct_routing: int) -> None:
    namespaces.ip(SERVER_SIDE, ["route add 192.0.2.0/24 dev eth0"])
    asking = check(direct_routing, CheckKind.TCP, address=ip_address("10.60.0.11"), limit_s=3)
    with namespaces.entered(DIRECTOR_SIDE):
        namespaces.ip(DIRECTOR_SIDE, ["address add 192.0.2.2/24 dev eth5"])
        result = asked(asking, origin(address="10.60.0.100"))
    assert result.outcome is Outcome.PASSED, result.message
