"""A router of a pair that loses what it needs to serve takes no part any more: no client is lost that need not be.

Each loss comes to the first router, on standby and as the owner. What elects must know what pulse knows: a router
without its own address hears nobody, and would take the virtual IPs from the one that has them.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab import namespaces
from lab.network import DIRECTOR
from tests.pulse.two_directors.pair import PairDirector, PairOfDirectors
from tests.pulse.two_directors.two_routers import Asking

pytestmark = [pytest.mark.kernel, pytest.mark.long]

OWN, OTHER, VIP = "10.36.0.2/24", "10.36.0.22/24", "10.36.0.10/24"
REFUSED = "serial_no = 1000\nkeepalive = six\n"
LONGER_THAN_A_TAKE_OVER = 40
"""So many answers, ten a second: a router that hears nobody takes over after one and a half seconds."""


@dataclass(frozen=True)
class Loss:
    """`begin` and `end` are the lines for ip(8)."""

    begin: tuple[str, ...]
    end: tuple[str, ...]


LOSSES = {
    "its public address, another stays": Loss(
        (f"address add {OTHER} dev eth0", f"address del {OWN} dev eth0"),
        (f"address add {OWN} dev eth0", f"address del {OTHER} dev eth0"),
    ),
    "all its addresses": Loss(("address flush dev eth0 scope global",), (f"address add {OWN} dev eth0",)),
    "its interface's link": Loss(("link set eth0 down",), ("link set eth0 up",)),
    "both public addresses are its own": Loss(
        ("address add 10.36.0.3/32 dev lo",), ("address del 10.36.0.3/32 dev lo",)
    ),
}


@pytest.fixture(scope="module")
def lossy(started: PairOfDirectors) -> PairOfDirectors:
    for director in started.directors:
        # Else the kernel removes the other addresses of the subnet with the first one.
        namespaces.set_sysctls(director.node.name, {"net.ipv4.conf.all.promote_secondaries": 1})
    started.apply()
    return started


@contextmanager
def lost(pair: PairOfDirectors, loss: Loss) -> Iterator[None]:
    """Have the first router be without it for the block; afterwards it stands by."""
    namespaces.ip(DIRECTOR.name, list(loss.begin))
    try:
        yield
    finally:
        namespaces.ip(DIRECTOR.name, list(loss.end))
    pair.until(lambda: pair.first.role() == "standby", "it stands by when it has all again")
    assert pair.second.role() == "owner"


def until_answered(pair: PairOfDirectors, asking: Asking, more: int) -> None:
    """Return when so many more requests have been answered."""
    answered = asking.answered()
    pair.until(lambda: asking.answered() > answered + more, "requests are answered")


def runs_no_keepalived(director: PairDirector) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in director.keepalived())


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_a_loss_on_standby_takes_nothing_from_the_owner(lossy: PairOfDirectors, loss: Loss) -> None:
    lossy.settle(lossy.second)
    moves, since = lossy.second.moves(), time.time()
    with lossy.ask() as asking:
        until_answered(lossy, asking, 3)
        with lost(lossy, loss):
            lossy.until(lambda: lossy.first.role() in ("unplaced", "fault"), "it takes no part")
            until_answered(lossy, asking, LONGER_THAN_A_TAKE_OVER)
            assert not lossy.first.has_address
    assert lossy.second.moves() == moves
    assert not [request for request in asking.requests() if request.failure]
    assert "the virtual IPs" not in lossy.second.told(since)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_after_a_loss_of_the_owner_the_other_router_has_the_addresses_and_it_alone(
    lossy: PairOfDirectors, loss: Loss
) -> None:
    lossy.settle(lossy.first)
    since = time.time()
    with lossy.ask() as asking:
        until_answered(lossy, asking, 3)
        began = time.monotonic()
        with lost(lossy, loss):
            lossy.comes_to(lossy.second, since)
            lossy.until(lambda: not lossy.first.has_address, "the first lets go")
            over = time.monotonic()
            until_answered(lossy, asking, 20)
        assert lossy.second.has_address
    assert asking.failed_outside([(began, over)]) == []


def test_an_owner_without_its_address_and_without_a_partner_goes_on(lossy: PairOfDirectors) -> None:
    # Before the virtual IP comes, so that this and not the virtual IP is what checks are sent from.
    lossy.settle(lossy.second)
    namespaces.ip(DIRECTOR.name, [f"address add {OTHER} dev eth0"])
    lossy.settle(lossy.first)
    lossy.second.kill()
    lossy.second.end_keepalived()
    with lossy.ask() as asking:
        until_answered(lossy, asking, 3)
        namespaces.ip(DIRECTOR.name, [f"address del {OWN} dev eth0"])
        lossy.until(lambda: lossy.first.role() == "unplaced", "it takes no part")
        until_answered(lossy, asking, LONGER_THAN_A_TAKE_OVER)
        assert lossy.first.has_address
        assert [daemon["role"] for daemon in lossy.first.status()["daemons"]] == ["master"]
        namespaces.ip(DIRECTOR.name, [f"address add {OWN} dev eth0", f"address del {OTHER} dev eth0"])
        lossy.until(lambda: lossy.first.role() == "owner", "it is the owner again")
    assert not [request for request in asking.requests() if request.failure]
    lossy.second.start()
    lossy.until(lambda: lossy.second.role() == "standby", "the second stands by")


def test_a_file_that_is_refused_takes_nothing_from_anybody(lossy: PairOfDirectors) -> None:
    for owner in lossy.directors:
        lossy.settle(owner)
        moves = [director.moves() for director in lossy.directors]
        good = lossy.first.installation.lvs_cf.read_text()
        with lossy.ask() as asking:
            until_answered(lossy, asking, 3)
            lossy.first.write(REFUSED)
            lossy.first.wait(lambda status: status["refused"])
            until_answered(lossy, asking, LONGER_THAN_A_TAKE_OVER)
            lossy.first.write(good)
            lossy.first.wait(lambda status: not status["refused"])
        assert [director.moves() for director in lossy.directors] == moves
        assert not [request for request in asking.requests() if request.failure]


@pytest.mark.parametrize("what", ["no file it can apply", "no IPVS"])
def test_a_standby_that_starts_without_what_it_needs_stops_the_keepalived_it_finds(
    lossy: PairOfDirectors, what: str
) -> None:
    lossy.settle(lossy.second)
    first, moves = lossy.first, lossy.second.moves()
    good = first.installation.lvs_cf.read_text()
    first.stop()
    assert not runs_no_keepalived(first)
    if what == "no IPVS":
        first.start_installed(without="net_admin")
    else:
        (first.installation.runtime_directory / "applied.cf").unlink()
        first.write(REFUSED)
        first.start()
    lossy.until(lambda: runs_no_keepalived(first), "keepalived ends")
    first.stop()
    first.write(good)
    first.start()
    lossy.until(lambda: first.role() == "standby", "it stands by")
    assert lossy.second.moves() == moves


def test_a_virtual_ip_nobody_answers_for_is_told_although_somebody_was_elected(lossy: PairOfDirectors) -> None:
    lossy.settle(lossy.second)
    assert lossy.second.process is not None
    since = time.time()
    lossy.second.process.send_signal(signal.SIGSTOP)
    namespaces.ip(lossy.second.node.name, [f"address del {VIP} dev eth0"])
    try:
        status = lossy.first.wait(lambda status: status["pair"] and status["pair"]["owners"]["dispute"])
        pair = status["pair"]
        assert pair is not None
        assert pair["owners"]["dispute"] == "nobody"
        assert (pair["owners"]["vrrp"], pair["owners"]["probe"]) == (True, False)
        assert "Contradicted by VRRP, where 10.36.0.3 claims them." in pair["owners"]["sentence"]
        assert "Nobody answers for the virtual IPs" in lossy.first.told(since)
    finally:
        lossy.second.process.send_signal(signal.SIGCONT)
    lossy.first.wait(lambda status: status["pair"] and not status["pair"]["owners"]["dispute"])
