"""HTTP and HTTPS: status and text, certificates, and servers that are neither."""

import asyncio
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.lvs.check import CheckKind, HttpQuestion, Outcome, Result, TlsQuestion
from tests.host.probes import hostile
from tests.host.probes.asking import Handler, ask_server, check, prober

PLAIN = HttpQuestion("/health", "", ((200, 399),))
TLS = TlsQuestion("www.example.com")


def answering(text: bytes) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return handler


def asked(handler: Handler, **more: Any) -> Result:
    return ask_server(handler, kind=CheckKind.HTTP, http=PLAIN, **more)


@pytest.mark.parametrize(
    ("answer", "more", "outcome", "said"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nhello", {}, Outcome.PASSED, ": status 200"),
        (b"HTTP/1.0 302 Found\r\nLocation: /x\r\n\r\n", {}, Outcome.PASSED, ": status 302"),
        (b"HTTP/1.1 404 No\r\n\r\n", {}, Outcome.FAILED, ": status 404"),
        (b"HTTP/1.1 200 OK\r\n\r\nhello", {"expect": b"hell"}, Outcome.PASSED, "200"),
        (b"HTTP/1.1 200 OK\r\nX: hell\r\n\r\n", {"expect": b"hell"}, Outcome.FAILED, "no 'hell' in the first 0"),
        (b"HTTP/1.1 200 OK\r\n\r\nv=42", {"expect": b"v=4[0-9]$", "use_regex": True}, Outcome.PASSED, "200"),
        (b"SSH-2.0-x\r\n", {}, Outcome.FAILED, r"answered 'SSH-2.0-x\r\n', which is not HTTP"),
        (b"", {}, Outcome.FAILED, "closed without an answer"),
    ],
)
def test_status_and_text_are_looked_at(answer: bytes, more: Any, outcome: Outcome, said: str) -> None:
    result = asked(answering(answer), **more)
    assert (result.outcome, result.is_reached) == (outcome, True)
    assert said in result.message


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
    ],
)
@pytest.mark.parametrize("tls", [None, TLS], ids=["http", "https"])
def test_a_bad_server_fails_within_its_time(handler: Handler, tls: TlsQuestion | None) -> None:
    result = asked(handler, tls=tls)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.isprintable()


def test_an_endless_body_without_the_text_fails() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n")
        await hostile.endless(reader, writer)

    result = asked(handler, expect=b"hello")
    assert "no 'hello' in the first" in result.message


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=www.example.com"]
    subprocess.run([*command, "-keyout", str(path), "-out", f"{path}.crt"], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def asked_over_tls(certificate: Path, *, is_verified: bool) -> Result:
    async def both() -> Result:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        handler = answering(b"HTTP/1.1 200 OK\r\n\r\nhello")
        server = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=context)
        question = HttpQuestion("/", "www.example.com", ((200, 200),))
        tls = TlsQuestion("www.example.com", is_verified)
        one = check(
            server.sockets[0].getsockname()[1], CheckKind.HTTP, http=question, tls=tls, expect=b"hello", limit_s=5
        )
        result = await prober().run(one)
        server.close()
        await server.wait_closed()
        return result

    return asyncio.run(both())


def test_a_page_comes_over_tls(certificate: Path) -> None:
    result = asked_over_tls(certificate, is_verified=False)
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message.startswith("HTTPS GET / from 127.0.0.1:")


def test_a_certificate_nobody_vouches_for_is_refused_where_it_is_verified(certificate: Path) -> None:
    result = asked_over_tls(certificate, is_verified=True)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert "TLS failed: certificate refused, self-signed certificate" in result.message
