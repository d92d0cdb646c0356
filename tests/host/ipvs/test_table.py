"""Against the real kernel's IPVS, in a network namespace of its own."""

import asyncio
import errno
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import HealthCheck, given, settings

from app.host.ipvs.step_error import StepFailed
from app.host.ipvs.table import BATCH, IPVS
from app.host.ipvs.values import Timeouts
from app.host.netlink.socket import NetlinkSocket
from app.lvs.ipvs.counters import ServiceCounters
from app.lvs.ipvs.diff import diff
from app.lvs.ipvs.ipvsadm import listing, saved
from app.lvs.ipvs.plan import (
    AddDestination,
    AddService,
    DeleteDestination,
    DeleteService,
    SetDestination,
    SetService,
    Step,
)
from app.lvs.ipvs.table import Destination, DestinationKey, Family, Forward, Service, ServiceKey, Table, Transport
from app.lvs.model.values import TunnelType
from tests.host.ipvs.tables import tables
from tests.host.namespace import own_network

pytestmark = pytest.mark.kernel

_law = settings(
    database=None, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

_KEY = ServiceKey(Family.IPV4, Transport.TCP, IPv4Address("192.0.2.1"), 80)
_KEY6 = ServiceKey(Family.IPV6, Transport.TCP, IPv6Address("2001:db8::1"), 80)
_WEB = Destination(DestinationKey(IPv4Address("198.51.100.1"), 80), Forward.ROUTE, 1)
_SERVICE = Service(_KEY, "wlc", destinations=(_WEB,))


@pytest.fixture
def ipvs() -> Iterator[IPVS]:
    with own_network(), IPVS() as kernel:
        yield kernel


def _apply(ipvs: IPVS, steps: Sequence[Step]) -> list[StepFailed]:
    return [failure for applied in ipvs.apply(steps) for failure in applied.failures]


def _bring_about(ipvs: IPVS, wanted: Table) -> Table:
    """Make the kernel's table `wanted`, whatever it holds, and return what it holds then."""
    current, _ = ipvs.read()
    assert _apply(ipvs, diff(current, wanted, current.keys()).steps) == []
    return ipvs.read()[0]


def _ipvsadm(*arguments: str) -> list[str]:
    done = subprocess.run(["ipvsadm", *arguments], check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


@_law
@given(wanted=tables())
def test_the_table_read_equals_the_table_told(ipvs: IPVS, wanted: Table) -> None:
    assert _bring_about(ipvs, wanted) == wanted


@_law
@given(first=tables(), second=tables())
def test_any_table_becomes_any_other_and_nothing_is_left_to_do(ipvs: IPVS, first: Table, second: Table) -> None:
    plain = {key: _plain(service) for key, service in first.items()}
    _bring_about(ipvs, first)
    for wanted in (plain, first):
        assert _bring_about(ipvs, wanted) == wanted
    found = _bring_about(ipvs, second)
    assert found == second
    assert not diff(found, second, second.keys())


def _plain(service: Service) -> Service:
    """Return `service` with everything that can be switched off switched off."""
    netmask = 0xFFFFFFFF if service.key.family is Family.IPV4 else 128
    destinations = tuple(replace(destination, weight=0) for destination in service.destinations[1:])
    return Service(service.key, "rr", netmask=netmask, destinations=destinations)


@settings(_law, max_examples=25)
@given(wanted=tables())
def test_what_is_read_is_what_ipvsadm_saves_and_lists(ipvs: IPVS, wanted: Table) -> None:
    _bring_about(ipvs, wanted)
    table, counters = ipvs.read()
    assert _blocks("-A", saved(table)) == _blocks("-A", _unsigned(_ipvsadm("-S", "-n")))
    kernel = str(ipvs.version())
    assert _blocks(_SERVICE_LINES, listing(table, counters, kernel)) == _blocks(
        _SERVICE_LINES, _ipvsadm("-L", "-n")
    )


def _unsigned(lines: Iterable[str]) -> Iterator[str]:
    """Yield `lines` with the marks that ipvsadm -R accepts: -S writes those from 2^31 on as negative numbers."""
    for line in lines:
        yield re.sub(r" -f (-\d+)", lambda found: f" -f {int(found[1]) % 2**32}", line)


def _restore(lines: Iterable[str]) -> subprocess.CompletedProcess[str]:
    text = "".join(f"{line}\n" for line in lines)
    return subprocess.run(["ipvsadm", "-R"], input=text, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("family", Family)
def test_ipvsadm_restores_every_mark_that_is_saved(ipvs: IPVS, family: Family) -> None:
    marks = (1, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 1)
    keys = [ServiceKey(family, Transport.NONE, None, 0, mark) for mark in marks]
    wanted = {key: Service(key, "rr", netmask=128 if family is Family.IPV6 else 0xFFFFFFFF) for key in keys}
    done = _restore(saved(wanted))
    assert (done.returncode, done.stderr) == (0, "")
    assert ipvs.read()[0] == wanted
    # And what it would make of its own: the reason why ours are written otherwise, and that 0 is no mark.
    for refused in ("-2147483648", "-1", "0", "4294967296"):
        assert _restore([f"-A -f {refused} -s rr"]).returncode != 0, refused


_SERVICE_LINES = ("TCP", "UDP", "SCTP", "FWM")


def _blocks(heads: str | tuple[str, ...], lines: Iterable[str]) -> list[list[str]]:
    """Return the lines by service, without order: ipvsadm subtracts addresses to sort them, which overflows."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line.startswith(heads):
            blocks.append([])
        blocks[-1].append(line)
    return sorted([*block[:1], *sorted(block[1:])] for block in blocks)


def test_what_ipvsadm_made_is_read(ipvs: IPVS) -> None:
    _ipvsadm("-A", "-t", "192.0.2.1:80", "-s", "wrr", "-p", "300", "-M", "255.255.255.0")
    _ipvsadm("-a", "-t", "192.0.2.1:80", "-r", "198.51.100.1", "-g", "-w", "7", "-x", "100", "-y", "50")
    destination = replace(_WEB, weight=7, upper_threshold=100, lower_threshold=50)
    service = Service(_KEY, "wrr", persistent_s=300, netmask=0xFFFFFF00, destinations=(destination,))
    assert ipvs.read()[0] == {_KEY: service}
    # Switched off, the kernel keeps neither flag nor mask that would make the table look changed.
    _ipvsadm("-E", "-t", "192.0.2.1:80", "-s", "wrr")
    assert ipvs.read()[0] == {_KEY: replace(service, persistent_s=0, netmask=0xFFFFFFFF)}


def test_a_destination_of_this_machine_itself_leaves_nothing_to_do(ipvs: IPVS) -> None:
    # Kernels differ in whether they then say Local or what was asked for.
    own = replace(_WEB, key=DestinationKey(IPv4Address("127.0.0.1"), 80))
    wanted = {_KEY: replace(_SERVICE, destinations=(own,))}
    assert not diff(_bring_about(ipvs, wanted), wanted, wanted.keys())


def test_connections_are_counted_and_set_to_nothing_again(ipvs: IPVS) -> None:
    key = ServiceKey(Family.IPV4, Transport.UDP, IPv4Address("127.0.0.2"), 5353)
    local = Destination(DestinationKey(IPv4Address("127.0.0.1"), 5353), Forward.MASQUERADE, 1)
    _apply(ipvs, [AddService(Service(key, "rr")), AddDestination(key, local)])
    with socket.socket(type=socket.SOCK_DGRAM) as server, socket.socket(type=socket.SOCK_DGRAM) as client:
        server.bind(("127.0.0.1", 5353))
        client.sendto(b"x" * 72, ("127.0.0.2", 5353))
        server.settimeout(5)
        assert server.recv(100) == b"x" * 72
    counters = _counted(ipvs, key)
    (counted,) = counters.destinations.values()
    assert (counted.active, counted.inactive, counted.persistent) == (0, 1, 0)
    for totals in (counters.totals, counted.totals):
        assert (totals.connections, totals.packets_in, totals.bytes_in) == (1, 1, 100)


def _counted(ipvs: IPVS, key: ServiceKey) -> ServiceCounters:
    """Wait for the kernel's estimator, which adds up the counters about every two seconds."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        counters = ipvs.read()[1][key]
        if counters.totals.connections:
            return counters
        time.sleep(0.1)
    pytest.fail("the kernel has counted no connection within a minute")


def test_steps_go_out_in_batches_and_all_arrive_in_order(ipvs: IPVS) -> None:
    keys = [ServiceKey(Family.IPV4, Transport.NONE, None, 0, mark) for mark in range(1, BATCH + 11)]
    steps = [AddService(Service(key, "rr")) for key in keys]
    batches = ipvs.apply(steps)
    assert next(batches).done == BATCH
    assert set(ipvs.read()[0]) == set(keys[:BATCH])
    assert [applied.done for applied in batches] == [10]
    assert set(ipvs.read()[0]) == set(keys)


def test_a_refused_step_does_not_stop_the_others(ipvs: IPVS) -> None:
    lone = Service(_KEY6, "wlc", netmask=128)
    steps: list[Step] = [
        AddService(_SERVICE),
        AddService(_SERVICE),
        DeleteDestination(_KEY, _WEB.key),
        AddService(lone),
    ]
    (applied,) = ipvs.apply(steps)
    assert applied.done == 2
    assert [(failure.step, failure.errno) for failure in applied.failures] == [
        (steps[1], errno.EEXIST),
        (steps[2], errno.ENOENT),
    ]
    assert set(ipvs.read()[0]) == {_KEY, _KEY6}


def test_answers_that_were_dropped_do_not_make_it_wait(ipvs: IPVS) -> None:
    # A queue of the smallest size overflows with the refusals of one batch.
    missing = [DeleteService(replace(_KEY, port=port)) for port in range(1, BATCH)]
    with IPVS(partial(NetlinkSocket, receive_queue=1)) as narrow:
        (applied,) = narrow.apply([*missing, AddService(_SERVICE)])
    assert len(applied.failures) < len(missing)
    assert set(ipvs.read()[0]) == {_KEY}


_elsewhere = DestinationKey(IPv4Address("198.51.100.9"), 80)
_mixed = replace(_WEB, key=DestinationKey(IPv6Address("2001:db8::9"), 80))


@pytest.mark.parametrize(
    ("step", "number", "words"),
    [
        (
            AddService(_SERVICE),
            errno.EEXIST,
            "cannot add the service TCP 192.0.2.1:80: it is already in the kernel",
        ),
        (
            AddService(Service(_KEY6, "none_such", netmask=128)),
            errno.ENOENT,
            "the service TCP [2001:db8::1]:80: the kernel has no scheduler 'none_such': "
            "load it with 'modprobe ip_vs_none_such'",
        ),
        (
            SetService(replace(_SERVICE, persistent_s=9, persistence_engine="tea")),
            errno.ENOENT,
            "or no persistence engine 'tea': load it with 'modprobe ip_vs_pe_tea'",
        ),
        (
            DeleteService(_KEY6),
            errno.ESRCH,
            "cannot delete the service TCP [2001:db8::1]:80: the service is no longer",
        ),
        (AddDestination(_KEY6, _mixed), errno.ESRCH, "cannot add [2001:db8::9]:80 to TCP [2001:db8::1]:80"),
        (
            AddDestination(_KEY, _WEB),
            errno.EEXIST,
            "cannot add 198.51.100.1:80 to TCP 192.0.2.1:80: it is already in",
        ),
        (SetDestination(_KEY, replace(_WEB, key=_elsewhere)), errno.ENOENT, "the kernel does not have it"),
        (DeleteDestination(_KEY, _elsewhere), errno.ENOENT, "cannot delete 198.51.100.9:80 from TCP 192.0.2.1:80"),
        (AddDestination(_KEY, _mixed), errno.EINVAL, "only a tunnel may lead to the other IP version"),
        (
            AddDestination(
                _KEY, replace(_WEB, key=_elsewhere, forward=Forward.TUNNEL, tunnel_type=TunnelType.GUE)
            ),
            errno.EINVAL,
            "a GUE tunnel needs a port",
        ),
        (
            AddDestination(_KEY, replace(_WEB, key=DestinationKey(IPv4Address("224.0.0.5"), 80))),
            errno.EINVAL,
            "its address must be a unicast one",
        ),
        (
            SetDestination(_KEY, replace(_WEB, upper_threshold=1, lower_threshold=2)),
            errno.ERANGE,
            "the upper threshold must not be below the lower one",
        ),
    ],
)
def test_a_refusal_says_what_was_refused_and_what_to_do(ipvs: IPVS, step: Step, number: int, words: str) -> None:
    assert _apply(ipvs, [AddService(_SERVICE), AddDestination(_KEY, _WEB)]) == []
    (failure,) = _apply(ipvs, [step])
    assert failure.errno == number
    assert words in failure.message


def test_timeouts_are_set_and_zero_leaves_one_as_it_is(ipvs: IPVS) -> None:
    ipvs.set_timeouts(Timeouts(901, 121, 301))
    ipvs.set_timeouts(Timeouts(0, 60, 0))
    assert ipvs.timeouts() == Timeouts(901, 60, 301)
    assert _ipvsadm("-L", "--timeout") == ["Timeout (tcp tcpfin udp): 901 60 301"]


def test_the_version_is_the_one_the_kernel_prints(ipvs: IPVS) -> None:
    assert f"IP Virtual Server version {ipvs.version()}" == _ipvsadm("-L", "-n")[0]


def test_it_works_inside_a_running_event_loop(ipvs: IPVS) -> None:
    async def look() -> Table:
        with IPVS() as inside:
            return inside.read()[0]

    _apply(ipvs, [AddService(_SERVICE)])
    assert asyncio.run(look()) == {_KEY: replace(_SERVICE, destinations=())}


def test_two_readers_do_not_disturb_each_other(ipvs: IPVS) -> None:
    _apply(ipvs, [AddService(_SERVICE), AddDestination(_KEY, _WEB)])
    with IPVS() as other:
        assert other.read() == ipvs.read()


_UNPRIVILEGED = """
from app.host.ipvs.table import IPVS, NotPermitted
try:
    with IPVS() as ipvs:
        ipvs.read()
except NotPermitted as error:
    print(error)
"""


def test_without_the_capability_it_says_which_one_is_missing(ipvs: IPVS) -> None:
    dropped = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"]
    done = subprocess.run(
        [*dropped, sys.executable, "-c", _UNPRIVILEGED], check=True, capture_output=True, text=True, env=os.environ
    )
    assert "needs CAP_NET_ADMIN" in done.stdout
