"""Who is not the partner gets nowhere, and who is may send revisions and summaries, and nothing else."""

import hashlib
import json
import select
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from app.host.pinned_tls import calling, introducing, load_identity
from app.lvs.grammar.writer import render
from app.lvs.model.config import Config, VirtualServer
from app.lvs.pair.lineage import LineageLink, RevisionId
from app.partner.channel import Channel
from app.partner.listener import OF_ONE_ADDRESS_MAX
from app.partner.messages import TAKEN, RevisionMessage, revision_message
from tests.partner.routers import Router
from tests.waiting import until

Routers = tuple[Router, Router]
GARBAGE = (b"", b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"A" * 70_000)
NOT_ANSWERED: tuple[dict[str, Any], ...] = (
    {"verb": "status"},
    {"verb": "pair", "code": "x"},
    {"verb": "read", "path": "/etc/passwd"},
    {"verb": ["summary"]},
    {},
    {"verb": "summary", "protocol": 1},
    {"verb": "fetch", "have": [1, "../../x"]},
    {"verb": "revision", "revision": [1, "0" * 64], "data": "AAAA"},
)


def connected(router: Router) -> socket.socket:
    return socket.create_connection(("127.0.0.1", router.settings.partner_port), 10)


@contextmanager
def as_partner(router: Router, other: Router) -> Iterator[Channel]:
    """Speak to `router` with the key of `other`, whose process is stopped."""
    other.stop()
    with as_known(router, other.settings.partner_identity) as connection:
        yield Channel(connection)


@contextmanager
def as_known(router: Router, identity: Path) -> Iterator[ssl.SSLSocket]:
    """Speak to `router` with the key of that file."""
    context = calling(load_identity(identity), load_identity(router.settings.partner_identity).certificate)
    with connected(router) as plain, context.wrap_socket(plain) as connection:
        yield connection


def sent(serial_no: int, config: Config, *parents: RevisionId) -> RevisionMessage:
    data = render(Config(serial_no=serial_no, virtual=config.virtual))
    version = RevisionId(serial_no, hashlib.sha256(data).hexdigest())
    return revision_message(version, 1.0, "mallory", "x", (LineageLink(version, parents),), data)


def refuses(connection: socket.socket) -> bool:
    """Return whether the other side ends the connection without a word."""
    connection.settimeout(20)
    said = b""
    with suppress(ConnectionError, ssl.SSLError):
        # An alert of TLS to who never spoke it is no word of ours.
        while piece := connection.recv(4096):
            said += piece
    return len(said) < 16


def test_who_has_another_certificate_or_none_is_refused(paired: Routers, tmp_path: Path) -> None:
    one, _ = paired
    for is_showing in (False, True):
        if is_showing:
            one.ask("code")
        with as_known(one, tmp_path / "thief.pem") as connection:
            assert refuses(connection)
        with connected(one) as plain, introducing().wrap_socket(plain) as connection:
            with suppress(OSError):  # it may have ended already
                connection.sendall(b"\0\0\0\2{}")
            assert refuses(connection)
    assert one.is_now("agreed")


def test_a_router_that_answers_with_another_certificate_is_told_nothing(paired: Routers) -> None:
    one, other = paired
    other.stop()
    other.settings.partner_identity.unlink()
    other.start()
    until(lambda: "Another certificate" in one.status()["there"]["why"])
    one.add("web")
    assert other.names == []


def test_garbage_and_silence_are_ended(paired: Routers) -> None:
    one, _ = paired
    for is_showing in (False, True):
        if is_showing:
            one.ask("code")
        with ExitStack() as stack:
            connections = [stack.enter_context(connected(one)) for _ in GARBAGE]
            for connection, data in zip(connections, GARBAGE, strict=True):
                with suppress(ConnectionError):
                    connection.sendall(data)
            for connection in connections:
                assert refuses(connection)
    assert one.is_now("agreed")


def test_a_stranger_cannot_announce_a_long_message(routers: Routers) -> None:
    one, _ = routers
    one.ask("code")
    with connected(one) as plain, introducing().wrap_socket(plain) as connection:
        connection.sendall(b"\x7f\xff\xff\xff")
        assert refuses(connection)
    assert one.status()["code"]


def test_many_strangers_at_once_do_not_part_the_pair(paired: Routers) -> None:
    one, other = paired
    with ExitStack() as stack:
        strangers = [stack.enter_context(connected(one)) for _ in range(3 * OF_ONE_ADDRESS_MAX)]
        # Those that are too many are ended at once, before the first have had their time.
        ended, _, _ = select.select(strangers, [], [], 20)
        assert ended
        assert not set(ended) & set(strangers[:OF_ONE_ADDRESS_MAX])
        one.add("web")
        until(lambda: other.names == ["web"])
        other.add("mail")
        until(lambda: one.names == ["web", "mail"])
        for stranger in strangers:
            assert refuses(stranger)
    assert one.is_now("agreed")


def test_the_partner_may_ask_for_nothing_but_summaries_and_revisions(paired: Routers) -> None:
    one, other = paired
    other.stop()
    for document in NOT_ANSWERED:
        with as_known(one, other.settings.partner_identity) as connection:
            data = json.dumps(document).encode()
            connection.sendall(struct.pack("!I", len(data)) + data)
            assert refuses(connection), document
    assert one.head.is_nothing
    assert one.status()["paired"]


def test_a_partner_cannot_put_an_older_one_in_the_place_of_a_newer_one(paired: Routers) -> None:
    one, other = paired
    one.add("web")
    first = one.head
    one.set_port(81)
    config = Config(virtual=(VirtualServer(name="evil"),))
    with as_partner(one, other) as channel:
        for document in (sent(2, config, first), sent(3, config, first), sent(9, config), sent(2, config)):
            channel.send(document, 10)
            assert "was not made from serial 2" in channel.receive(TAKEN, 1 << 20, 10).why
    assert one.names == ["web"]
    assert one.head.serial_no == 2


def test_what_a_newer_palometa_wrote_is_kept_to_the_last_byte_and_survives_an_edit(paired: Routers) -> None:
    one, other = paired
    data = b"# theirs\nserial_no = 1\nfuture_key = 7\nvirtual web {\n     future = yes\n     port = 80\n}\n"
    version = RevisionId(1, hashlib.sha256(data).hexdigest())
    with as_partner(one, other) as channel:
        channel.send(revision_message(version, 1.0, "x", "x", (LineageLink(version, ()),), data), 10)
        assert channel.receive(TAKEN, 1 << 20, 10).why == ""
    assert one.settings.lvs_cf.read_bytes() == data
    assert one.head == version
    one.set_port(81)
    assert one.settings.lvs_cf.read_bytes() == data.replace(b"port = 80", b"port = 81").replace(
        b"serial_no = 1", b"serial_no = 2"
    )


def test_what_pulse_would_refuse_is_not_taken(paired: Routers) -> None:
    one, other = paired
    one.add("web")
    until(lambda: other.names == ["web"])
    twin = "virtual {} {{\n     active = 1\n     address = 192.168.26.9 eth0:1\n     port = 80\n}}\n"
    data = ("serial_no = 2\n" + twin.format("a") + twin.format("b")).encode()
    version = RevisionId(2, hashlib.sha256(data).hexdigest())
    document = revision_message(version, 1.0, "x", "x", (LineageLink(version, (one.head,)),), data)
    with as_partner(one, other) as channel:
        channel.send(document, 10)
        assert "The other router rejects this configuration" in channel.receive(TAKEN, 1 << 20, 10).why
    assert one.names == ["web"]


def test_a_serial_that_is_not_the_one_in_the_file_is_not_taken(paired: Routers) -> None:
    one, other = paired
    data = b"serial_no = 7\n"
    version = RevisionId(8, hashlib.sha256(data).hexdigest())
    with as_partner(one, other) as channel:
        channel.send(revision_message(version, 1.0, "x", "x", (LineageLink(version, ()),), data), 10)
        assert "cannot be read" in channel.receive(TAKEN, 1 << 20, 10).why
    assert one.head.is_nothing
