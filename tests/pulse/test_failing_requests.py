"""What the kernel refuses about one service, with any error number, keeps no other one and no virtual IP down."""

import asyncio
import errno
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from app.host.ipvs.table import IPVS
from app.lvs.ipvs.plan import DeleteService
from app.lvs.ipvs.service_names import host_port
from tests.host.namespace import own_network
from tests.pulse.addresses.veth import ip, plug_in
from tests.pulse.failing_socket import Failpoint
from tests.pulse.reconciling import ALL, CONFIG, FOUR, NEW, SIX, running

pytestmark = pytest.mark.kernel

BEFORE_ANYTHING = 1
"""The dump of all services, at the start: without it nothing is known of any."""


@pytest.fixture(autouse=True)
def _eth0() -> Iterator[None]:
    with own_network():
        plug_in()
        yield


@pytest.mark.parametrize(("number", "at_once"), [(errno.EAFNOSUPPORT, False), (errno.EPERM, True)])
def test_whichever_request_of_a_start_fails_the_rest_is_there_at_once_and_all_of_it_a_round_later(
    tmp_path: Path, number: int, at_once: bool
) -> None:
    async def start(nth: int) -> bool:
        """Return whether a start has that many requests. The first one asks whether there is IPVS at all."""
        failing = Failpoint(number, lambda _, before: before == nth + 1, at_once)
        async with running(tmp_path / f"{number}-{nth}", table=failing) as pulse:
            await pulse.round()
            if nth >= BEFORE_ANYTHING:
                assert not pulse.trouble
                assert len(pulse.services()) >= len(ALL) - 1
                assert pulse.up() == set(ALL)
            if not failing.hits:
                return False
            await pulse.round()
            assert pulse.is_whole(), (nth, pulse.remained, pulse.trouble)
        return True

    async def each() -> None:
        nth = 0
        while await start(nth):
            nth += 1
            ip("link del eth0")
            plug_in()
            _empty_table()
        assert nth > 5

    asyncio.run(each())


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("address", ALL)
def test_a_service_the_kernel_never_takes_is_the_only_one_that_is_not_there_and_is_tried_again(
    tmp_path: Path, address: str, at_once: bool
) -> None:
    packed = ip_address(address).packed
    refuses = [True]
    failing = Failpoint(errno.EAFNOSUPPORT, lambda requests, _: refuses[0] and packed in requests, at_once)

    async def scene() -> None:
        async with running(tmp_path, table=failing) as pulse:
            for _ in range(3):
                await pulse.round()
                assert not pulse.trouble
                assert pulse.services() >= set(ALL) - {address}
                assert pulse.up() == set(ALL)
                assert len(pulse.remained) == 1
                assert address in pulse.remained[0]
                assert "this kernel has no IPv6" in pulse.remained[0]
                assert not pulse.reconciler.repairs
            # Others are still repaired, and that is told of, without the one that is refused.
            other = NEW if address != NEW else FOUR
            ip_vs_delete(other)
            await pulse.round()
            assert [other in " ".join(repair["commands"]) for repair in pulse.reconciler.repairs] == [True]
            refuses[0] = False
            await pulse.round()
            assert pulse.is_whole(), pulse.remained
            assert len(pulse.reconciler.repairs) == 1
            endpoint = f"TCP {host_port(address, 80 + ALL.index(address))}"
            assert pulse.told("missing", "entered") == [("missing", endpoint), ("entered", endpoint)]

    asyncio.run(scene())


@pytest.mark.parametrize("number", [errno.EAFNOSUPPORT, errno.EPERM, errno.EIO, errno.ENOBUFS])
@pytest.mark.parametrize("address", ALL)
def test_an_address_the_kernel_refuses_is_the_only_one_that_is_not_up_and_is_tried_again(
    tmp_path: Path, address: str, number: int
) -> None:
    packed = ip_address(address).packed
    refuses = [True]
    failing = Failpoint(number, lambda requests, _: refuses[0] and packed in requests, at_once=True)

    async def scene() -> None:
        async with running(tmp_path, addresses=failing) as pulse:
            await pulse.round()
            assert not pulse.trouble
            assert pulse.services() == set(ALL)
            assert pulse.up() == set(ALL) - {address}
            assert len(pulse.remained) == 1
            assert address in pulse.remained[0]
            states = {report["address"]: report["state"] for report in pulse.addresses.reports()}
            assert states == dict.fromkeys(ALL, "up") | {address: "failed"}
            refuses[0] = False
            await pulse.round()
            assert pulse.is_whole(), pulse.remained

    asyncio.run(scene())


def test_where_ipv6_is_switched_off_the_reason_names_the_sysctl_and_ipv4_is_served(tmp_path: Path) -> None:
    Path("/proc/sys/net/ipv6/conf/all/disable_ipv6").write_text("1\n")

    async def scene() -> None:
        async with running(tmp_path) as pulse:
            await pulse.round()
            assert pulse.services() == set(ALL)
            assert pulse.up() == {FOUR, NEW}
            assert len(pulse.remained) == 1
            assert f"Cannot bring up {SIX}/128 on eth0: IPv6 is switched off by" in pulse.remained[0]
            assert "net.ipv6.conf.all.disable_ipv6 = 1" in pulse.remained[0]

    asyncio.run(scene())


def test_an_address_that_was_not_tried_yet_is_not_known_to_have_failed(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as pulse:
            pulse.addresses.apply_config(CONFIG)
            assert {(report["state"], report["message"]) for report in pulse.addresses.reports()} == {
                ("unknown", "not tried yet")
            }

    asyncio.run(scene())


def ip_vs_delete(address: str) -> None:
    """Remove the services at `address`, as another program does."""
    with IPVS() as other:
        keys = [key for key in other.read()[0] if str(key.address) == address]
        assert not [
            failed for batch in other.apply([DeleteService(key) for key in keys]) for failed in batch.failures
        ]


def _empty_table() -> None:
    with IPVS() as other:
        list(other.apply([DeleteService(key) for key in other.read()[0]]))
