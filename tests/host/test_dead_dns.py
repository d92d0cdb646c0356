"""A name server that answers nothing: whoever needs a name says so in time, and nobody else waits."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from app.exit_codes import ExitCode
from app.host.control_client import ControlUnreachable, ask
from app.host.messengers.mail import Mail
from app.host.messengers.messenger import Messenger, Undelivered
from app.host.messengers.webhook import WebhookMessenger
from app.host.names import RUNNING_MAX, HostNames, PatientNames
from app.lvs.notify.message import Message
from app.lvs.notify.recipients import WebhookAddress
from app.pulse.process.current_config import CurrentConfig
from app.pulse.process.owned import OwnedState
from tests.commands.forked import run, start
from tests.host.dead_dns import dead_dns, in_own_process, root_networks
from tests.waiting import until

pytestmark = root_networks

RESOLVER_S = 60.0
"""Less than the resolver itself waits in these tests; what does not wait for it ends long before."""
GOOD = "serial_no = 1\nprimary = 192.0.2.1\nservice = lvs\n"
NAMED = (
    GOOD + "virtual web {{\n address = 192.0.2.9 eth0:1\n port = 80\n server one {{\n  address = {0}\n }}\n}}\n"
)


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with dead_dns() as found:
        began = time.monotonic()
        yield found
        assert time.monotonic() - began < RESOLVER_S


def name() -> str:
    """Return one that nobody has asked for before."""
    return f"n{time.monotonic_ns()}.example"


def test_a_name_counts_as_unknown_when_the_patience_of_a_reading_is_used_up(server: socket.socket) -> None:
    def look_up() -> None:
        names = PatientNames(patience_s=0.5)
        assert names.host("localhost") == IPv4Address("127.0.0.1")
        assert names.host(name()) is None
        assert server.recv(512)
        assert names.host("localhost.localdomain") is None
        assert names.host("localhost") == IPv4Address("127.0.0.1")

    in_own_process(look_up)


def test_no_more_names_are_asked_for_at_once_than_there_are_threads_for(server: socket.socket) -> None:
    def look_up() -> None:
        for _ in range(RUNNING_MAX + 5):
            assert PatientNames(patience_s=0.01).host(name()) is None
        assert sum(thread.name == "names" for thread in threading.enumerate()) <= RUNNING_MAX

    in_own_process(look_up)


def test_names_that_are_shown_hold_up_no_page_and_no_end_of_the_process(server: socket.socket) -> None:
    def show() -> None:
        names = HostNames()
        for number in range(200):
            assert names.of(f"192.0.2.{number}") == ""
        assert server.recv(512)
        # As when Python ends: it waits for every thread that is no daemon.
        assert all(thread.daemon for thread in threading.enumerate() if thread.name.startswith("host-names"))

    in_own_process(show)


@pytest.mark.parametrize("kind", ["mail", "webhook"])
def test_a_message_is_given_up_within_its_limit_and_the_loop_goes_on(server: socket.socket, kind: str) -> None:
    host, ticks = name(), 0
    messenger: Messenger = (
        Mail(("a@example.com",), "b@example.com", host, 25, limit_s=1.0)
        if kind == "mail"
        else WebhookMessenger(WebhookAddress(is_tls=True, host=host, port=443, path="/"), limit_s=1.0)
    )

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    async def send() -> None:
        ticking = asyncio.create_task(tick())
        with pytest.raises(Undelivered, match=f"{host} port .*within 1 s"):
            await messenger.send(Message("director", 1.0, "subject", "text"))
        ticking.cancel()

    def deliver() -> None:
        asyncio.run(send())
        assert ticks > 10
        assert server.recv(512)

    in_own_process(deliver)


def test_a_new_file_with_names_holds_up_nothing_that_is_in_force(tmp_path: Path, server: socket.socket) -> None:
    current = CurrentConfig(tmp_path / "lvs.cf", OwnedState(tmp_path))
    current.path.write_text(GOOD)

    async def follow() -> None:
        assert await current.load(None)
        applied = current.config
        current.path.write_text(NAMED.format(name()))
        # Again and again, as at each step of the loop, until the patience for the names is used up.
        steps = 0
        while not current.refused:
            assert not await current.load(applied)
            assert current.config is applied
            steps += 1
        assert steps > 1
        assert "no host of that name was found" in current.refused[0].message
        current.path.write_text(GOOD + "backup = 192.0.2.2\n")
        assert await current.load(applied)
        assert current.config is not applied

    in_own_process(lambda: asyncio.run(follow()))


def test_a_command_says_which_name_is_unknown(tmp_path: Path, server: socket.socket) -> None:
    path = tmp_path / "in.cf"
    path.write_text(NAMED.format(name()))
    done = run(["check", str(path)], {}, tmp_path / "said")
    assert done.status == ExitCode.FAILED
    assert "no host of that name was found" in done.output


def test_pulse_answers_while_it_waits_at_its_start_and_ends_when_told_to(
    tmp_path: Path, server: socket.socket
) -> None:
    runtime = tmp_path / "run"
    runtime.mkdir()
    (tmp_path / "lvs.cf").write_text(NAMED.format(name()))
    environment = {
        "PALOMETA_LVS_CF": str(tmp_path / "lvs.cf"),
        "PALOMETA_RUNTIME_DIRECTORY": str(runtime),
        "PALOMETA_HISTORY_DIRECTORY": str(tmp_path / "history"),
    }
    child = start(["pulse"], environment, tmp_path / "said")

    def is_answering() -> bool:
        try:
            return bool(ask(runtime / "pulse.sock", "events", {}))
        except ControlUnreachable:
            return False

    try:
        until(is_answering)
    finally:
        os.kill(child, signal.SIGTERM)
        assert os.waitpid(child, 0)[1] == 0
