"""Whatever listens where a protocol is expected: each check ends as its own failure, in time and in words."""

import asyncio
from contextlib import closing
from ipaddress import ip_address
from socket import AF_INET6, socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lvs.checks.check import Login, Outcome, TlsSettings
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes import hostile
from tests.host.probes.asking import ask, ask_server, check, prober
from tests.host.probes.kinds.greeting_kinds import KINDS
from tests.tcp_server import Handler, serving

WITH_LOGIN = {CheckKind.LDAP: Login("cn=reader", "hunter2"), CheckKind.REDIS: Login("reader", "hunter2")}
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.value)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send back what comes."""
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()


async def ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greet as a login server does."""
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    await reader.read()


async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer to anything as a web server does that did not understand."""
    await reader.read(4096)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    await writer.drain()


def saying(data: bytes) -> Handler:
    """Return a server that says `data` before it is asked, listens, and hangs up."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        writer.write_eof()
        await reader.read()

    return handler


@each_kind
@pytest.mark.parametrize(
    "handler",
    [
        hostile.silent,
        hostile.a_byte_a_second,
        hostile.endless,
        hostile.hundred_megabytes,
        hostile.reset,
        hostile.invalid_utf8,
        hostile.closing,
        echo,
        ssh,
        web,
    ],
    ids=lambda handler: handler.__name__,
)
def test_it_fails_in_words_and_counts_as_reached(kind: CheckKind, handler: Handler) -> None:
    result = ask_server(handler, kind=kind)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True), result.message
    assert result.message.isprintable()


@each_kind
def test_a_server_without_tls_fails_where_tls_is_wanted(kind: CheckKind) -> None:
    result = ask_server(ssh, kind=kind, tls=TlsSettings())
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert "TLS failed: " in result.message


@each_kind
def test_a_dead_port_is_refused(kind: CheckKind) -> None:
    with closing(socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        result = ask(check(taken.getsockname()[1], kind))
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(": refused")


@each_kind
def test_an_ipv6_target_is_written_in_brackets(kind: CheckKind) -> None:
    with closing(socket(AF_INET6)) as taken:
        taken.bind(("::1", 0))
        result = ask(check(taken.getsockname()[1], kind, address=ip_address("::1")))
    assert result.outcome is Outcome.FAILED
    assert " [::1]:" in result.message


GREETINGS = {
    CheckKind.SMTP: b"220 ",
    CheckKind.IMAP: b"* OK ",
    CheckKind.POP3: b"+OK ",
    CheckKind.LDAP: bytes.fromhex("300c02010161070a010004000400"),
    CheckKind.MYSQL: b"\x0a\0\0\0\x0a10.11\0xyz",
    CheckKind.POSTGRESQL: b"R\0\0\0\x08\0\0\0\0",
    CheckKind.REDIS: b"+",
    CheckKind.GRPC: b"\0\0\0\x04\0\0\0\0\0",
}


@each_kind
@settings(max_examples=40)
@given(noise=st.binary(max_size=80), is_greeted=st.booleans())
def test_no_noise_breaks_a_check(kind: CheckKind, noise: bytes, is_greeted: bool) -> None:
    handler = saying((GREETINGS[kind] if is_greeted else b"") + noise)
    result = ask_server(handler, kind=kind, name="reader")
    assert result.outcome is not Outcome.NOT_RUN, result.message
    assert result.message.isprintable()


@pytest.mark.parametrize("kind", WITH_LOGIN, ids=lambda kind: kind.value)
def test_a_password_is_never_shown(kind: CheckKind) -> None:
    sent: list[bytes] = []

    async def listening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent.append(await reader.read(4096))

    async def traced() -> str:
        async with serving(listening) as port:
            result, steps = await prober().trace(check(port, kind, login=WITH_LOGIN[kind]))
            return "\n".join([result.message, *(step.text for step in steps)])

    shown = asyncio.run(traced())
    assert b"hunter2" in sent[0]
    assert "reader" in shown
    assert "hunter2" not in shown
