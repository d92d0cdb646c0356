"""Who has to go when too many wait, and whose request is next."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from gunicorn.config import Config

from app.web.server import crowd as bounds
from app.web.server.client import Client, Stage
from app.web.server.crowd import Crowd
from app.web.server.pace import BYTES_PER_S, STALL_S, Pace
from app.web.server.request_queue import RequestQueue
from app.web.server.request_reader import RequestReader

PROXY = "198.51.100.1"
Maker = Callable[..., Client]


@pytest.fixture
def client() -> Iterator[Maker]:
    """Makes clients from an address, each with a socket of its own."""
    with ExitStack() as stack:

        def make(address: str = "192.0.2.1", stage: Stage = Stage.READING) -> Client:
            ours, theirs = socket.socketpair()
            stack.enter_context(ours)
            stack.enter_context(theirs)
            peer = (address, 4711)
            made = Client(ours, peer, ("127.0.0.1", 80), RequestReader(Config(), peer), Pace.within(10, 0))
            made.stage = stage
            return made

        yield make


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Crowd:
    """With room for five, three of one address."""
    monkeypatch.setattr(bounds, "WAITING_MAX", 5)
    monkeypatch.setattr(bounds, "PLACE_MAX", 3)
    return Crowd(lambda address: address == PROXY)


def joined(crowd: Crowd, *clients: Client) -> list[Client | None]:
    """Add the clients; return whom each new one drives away."""
    gone = []
    for client in clients:
        crowd.add(client)
        excess = crowd.excess(client)
        if excess is not None:
            crowd.remove(excess)
        gone.append(excess)
    return gone


def test_the_oldest_of_an_address_makes_room_for_its_newest(crowd: Crowd, client: Maker) -> None:
    other, mine = client("192.0.2.2"), [client() for _ in range(5)]
    assert joined(crowd, other, *mine) == [None, None, None, None, mine[0], mine[1]]


def test_a_network_of_ipv6_is_one_place(crowd: Crowd, client: Maker) -> None:
    mine = [client(f"2001:db8::{number}") for number in range(1, 5)]
    assert joined(crowd, *mine)[-1] is mine[0]


def test_an_ipv4_address_is_the_same_place_by_ipv6(crowd: Crowd, client: Maker) -> None:
    mine = [client(), client("::ffff:192.0.2.1"), client(), client("::ffff:192.0.2.1")]
    assert joined(crowd, *mine)[-1] is mine[0]


def test_a_trusted_proxy_is_bounded_by_what_there_is_room_for_only(crowd: Crowd, client: Maker) -> None:
    mine = [client(PROXY) for _ in range(6)]
    assert joined(crowd, *mine) == [None] * 5 + [mine[0]]


def test_who_waits_for_a_next_request_goes_first(crowd: Crowd, client: Maker) -> None:
    unfinished = [client(f"192.0.2.{number}") for number in range(4)]
    idle, newest = client("192.0.2.9", Stage.IDLE), client("192.0.2.10")
    assert joined(crowd, *unfinished, idle, newest)[-1] is idle


def test_who_holds_most_memory_the_longest_goes_for_the_sake_of_memory(
    crowd: Crowd, client: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "HELD_MAX", 200_000)
    small, first, second = client("192.0.2.1"), client("192.0.2.2"), client("192.0.2.3")
    for one_of_them, size in ((small, 1000), (first, 100_000), (second, 90_000)):
        one_of_them.reader.feed(b"x" * size)
        crowd.add(one_of_them)
    assert crowd.hoarder(0) is None
    # What is being worked on counts, and is not given up.
    assert crowd.hoarder(50_000) is first


def test_places_take_turns_and_who_does_not_wait_for_answers_comes_last(client: Maker) -> None:
    queue, greedy, modest = RequestQueue(9), [client() for _ in range(3)], client("192.0.2.2")
    hasty = client("192.0.2.3")
    hasty.is_hasty = True
    for waiting in (hasty, *greedy, modest):
        queue.put(waiting, waiting.address)
    assert [queue.next() for _ in range(6)] == [greedy[0], modest, greedy[1], greedy[2], hasty, None]


def test_who_is_known_comes_before_strangers_who_are_given_some_of_the_threads_only(client: Maker) -> None:
    queue, strangers, known = RequestQueue(2), [client(f"192.0.2.{place}") for place in range(4)], client()
    known.is_known = True
    for waiting in (*strangers, known):
        queue.put(waiting, waiting.address)
    assert [queue.next() for _ in range(4)] == [known, strangers[0], strangers[1], None]
    queue.done(known)
    assert queue.next() is None
    queue.done(strangers[0])
    assert [queue.next() for _ in range(2)] == [strangers[2], None]


def test_of_the_large_requests_one_is_answered_at_a_time(client: Maker) -> None:
    queue, first, second, small = RequestQueue(9), client(), client(), client()
    first.is_large = second.is_large = True
    for waiting in (first, second, small):
        queue.put(waiting, waiting.address)
    assert [queue.next() for _ in range(3)] == [first, small, None]
    queue.done(small)
    assert queue.next() is None
    queue.done(first)
    assert queue.next() is second


def test_a_steady_pace_is_neither_to_stand_still_nor_to_crawl() -> None:
    pace = Pace.steady(100, now=0)
    assert pace.deadline == STALL_S
    fast = pace.after(100 + 100 * BYTES_PER_S, now=STALL_S)
    assert fast.deadline == 2 * STALL_S
    slow = pace.after(101, now=STALL_S - 1)
    assert slow.deadline < STALL_S + 1
