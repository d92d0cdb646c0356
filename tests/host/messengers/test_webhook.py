"""The webhook, against real HTTP servers on the loopback interface."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.host.messengers.webhook import WebhookMessenger
from app.lvs.notify.recipients import WebhookAddress as Address
from tests.host.messengers.messages import AWKWARD, a_message, send, why_not
from tests.host.messengers.receiver import receiving
from tests.host.messengers.threads import all_end
from tests.host.probes import hostile
from tests.tcp_server import Handler, serving


def hook(port: int, *, is_tls: bool = False, limit_s: float = 10.0) -> WebhookMessenger:
    return WebhookMessenger(Address(is_tls, "127.0.0.1", port, "/hook/hidden?x=1"), limit_s)


def refusal(webhook: WebhookMessenger) -> str:
    return asyncio.run(why_not(webhook))


def test_a_message_is_posted_as_json() -> None:
    with receiving() as receiver:
        said = send(hook(receiver.server_port))
        assert said == f"webhook 127.0.0.1 port {receiver.server_port} answered 204"
        ((path, headers, document),) = receiver.posted
    assert path == "/hook/hidden?x=1"
    assert headers["Host"] == f"127.0.0.1:{receiver.server_port}"
    assert headers["Content-Type"] == "application/json"
    assert document == a_message().document()
    assert document["text"].startswith("Palometa on lb1")


def test_no_name_makes_a_header() -> None:
    with receiving() as receiver:
        send(hook(receiver.server_port), a_message(AWKWARD))
        ((_, headers, document),) = receiver.posted
    assert set(headers) == {
        "Host",
        "Accept-Encoding",
        "Content-Length",
        "Content-Type",
        "User-Agent",
        "Connection",
    }
    assert document["changes"][0]["server"].startswith("wéb1  Bcc:")


def test_a_redirect_is_not_followed() -> None:
    with receiving() as receiver:
        receiver.status = 302
        assert "answered 302: redirects are not followed" in refusal(hook(receiver.server_port))
        assert len(receiver.posted) == 1


def hook_to(host: str, port: int = 80) -> WebhookMessenger:
    return WebhookMessenger(Address(False, host, port, "/latest/meta-data"), 10.0)


@pytest.mark.parametrize(
    "host",
    [
        *("169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "::ffff:169.254.169.254"),
        *("64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "fe80::1", "0", "::", "100.100.100.200", "::ffff:127.0.0.1"),
    ],
)
def test_nothing_is_posted_to_an_address_that_gives_out_credentials(host: str) -> None:
    assert "no message is sent to" in refusal(hook_to(host)) or "to which no message is sent" in refusal(
        hook_to(host)
    )


@pytest.fixture
def resolves_to(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let every name lead to the given addresses, as whoever owns the name can."""
    resolve = socket.getaddrinfo

    def rig(*addresses: str) -> None:
        def answer(host: str, port: int, **more: Any) -> list[Any]:
            return [found for address in addresses for found in resolve(address, port, **more)]

        monkeypatch.setattr(socket, "getaddrinfo", answer)

    return rig


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:a9fe:a9fe", "fd00:ec2::254"])
def test_a_name_that_leads_there_is_refused_when_the_message_is_sent(
    address: str, resolves_to: Callable[..., None]
) -> None:
    resolves_to(address)
    assert address in refusal(hook_to("chat.example.com"))


def test_a_name_does_not_lead_to_this_machine_unless_it_says_so(resolves_to: Callable[..., None]) -> None:
    with receiving() as receiver:
        resolves_to("127.0.0.1")
        said = refusal(hook_to("chat.example.com", receiver.server_port))
        assert "127.0.0.1 is this machine itself; a relay here is written 127.0.0.1" in said
        assert send(hook_to("localhost", receiver.server_port)).endswith("answered 204")
        assert len(receiver.posted) == 1


def test_of_the_addresses_of_a_name_only_those_that_may_be_are_tried(resolves_to: Callable[..., None]) -> None:
    with receiving() as receiver:
        resolves_to("169.254.169.254", "127.0.0.1")
        assert send(hook_to("localhost", receiver.server_port)).endswith("answered 204")


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_an_answer_that_is_no_success_is_said_without_the_secret_path(status: int) -> None:
    with receiving() as receiver:
        receiver.status = status
        said = refusal(hook(receiver.server_port))
    assert said == f"webhook 127.0.0.1 port {receiver.server_port} answered {status}"


def test_a_port_nobody_listens_on_is_said() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert "Connection refused" in refusal(hook(bound.getsockname()[1]))


def test_a_full_queue_of_connections_ends_in_time() -> None:
    with hostile.dropping_syns() as port:
        assert "no answer" in refusal(hook(port, limit_s=1.0))


async def a_handshake_without_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begin a TLS record, and go on with it for ever."""
    writer.write(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
    while True:
        writer.write(b"\x03")
        await writer.drain()
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("is_tls", [False, True])
@pytest.mark.parametrize(
    "handler",
    [
        hostile.silent,
        hostile.a_byte_a_second,
        hostile.endless,
        hostile.closing,
        hostile.invalid_utf8,
        a_handshake_without_end,
    ],
)
def test_a_server_that_hangs_drips_floods_or_speaks_something_else_ends_in_time(
    handler: Handler, is_tls: bool
) -> None:
    async def story() -> str:
        async with serving(handler) as port:
            said = await why_not(hook(port, is_tls=is_tls, limit_s=1.0))
            # Not only is nobody waiting any more: the thread is gone, though the server is still there.
            assert await asyncio.to_thread(all_end)
        return said

    said = asyncio.run(story())
    assert said.startswith("webhook 127.0.0.1 port")
    assert "hidden" not in said


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hook")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    path = tmp_path / "hook.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    )
    return path


def serving_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_https_is_posted_to_where_the_certificate_is_trusted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with receiving(serving_tls(certificate)) as receiver:
        assert send(hook(receiver.server_port, is_tls=True)).endswith("answered 204")
        assert len(receiver.posted) == 1


def test_https_is_not_posted_to_where_it_is_not(certificate: Path) -> None:
    with receiving(serving_tls(certificate)) as receiver:
        said = refusal(hook(receiver.server_port, is_tls=True))
        assert "certificate not accepted: self" in said
        assert receiver.posted == []


def test_an_answer_that_drips_over_tls_ends_in_time_too(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b"H")
                await writer.drain()
                await asyncio.sleep(0.1)

    async def story() -> str:
        async with serving(drip, serving_tls(certificate)) as port:
            said = await why_not(hook(port, is_tls=True, limit_s=1.0))
            assert await asyncio.to_thread(all_end)
            return said

    assert asyncio.run(story()).endswith("no answer within 1 s")
