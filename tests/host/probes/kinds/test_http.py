"""HTTP and HTTPS: status and text, certificates, and servers that are neither."""

import asyncio
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.host.probes.transport import streams
from app.lvs.checks.check import HttpRequest, Login, Outcome, Result, TlsSettings
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes import hostile
from tests.host.probes.asking import ask_server, check, prober
from tests.tcp_server import Handler, serving

PLAIN = HttpRequest("/health", "", ((200, 399),))
TLS = TlsSettings("www.example.com")


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
        (
            b"HTTP/1.1 200 OK\r\nX: hell\r\n\r\n",
            {"expect": b"hell"},
            Outcome.FAILED,
            "'hell' not found in the first 0",
        ),
        (b"HTTP/1.1 200 OK\r\n\r\nv=42", {"expect": b"v=4[0-9]$", "use_regex": True}, Outcome.PASSED, "200"),
        (b"SSH-2.0-x\r\n", {}, Outcome.FAILED, "answered 'SSH-2.0-x', which is not HTTP"),
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
def test_a_bad_server_fails_within_its_time(handler: Handler, tls: TlsSettings | None) -> None:
    result = asked(handler, tls=tls)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.isprintable()


def test_an_endless_body_without_the_text_fails() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n")
        await hostile.endless(reader, writer)

    result = asked(handler, expect=b"hello")
    assert "'hello' not found in the first" in result.message


def heard_by(question: HttpRequest, **more: Any) -> tuple[bytes, Result]:
    """Return what a server got to hear with `question`, and what came of its answer, status 200."""
    heard: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n")

    result = ask_server(handler, kind=CheckKind.HTTP, http=question, **more)
    assert len(heard) == 1
    return heard[0], result


def test_the_request_is_as_its_keys_say() -> None:
    question = HttpRequest("/a", "www.example.com", ((200, 200),), "HEAD", ("X-Token: a b", "Accept: text/plain"))
    request, result = heard_by(question, login=Login("eva", "geheim"))
    assert result.outcome is Outcome.PASSED
    assert request.split(b"\r\n") == [
        b"HEAD /a HTTP/1.1",
        b"Host: www.example.com",
        b"User-Agent: palometa",
        b"Connection: close",
        b"X-Token: a b",
        b"Accept: text/plain",
        b"Authorization: Basic ZXZhOmdlaGVpbQ==",
        b"",
        b"",
    ]


def test_without_a_host_the_servers_address_is_the_host() -> None:
    request, _ = heard_by(HttpRequest("/", "", ((200, 200),)))
    assert b"\r\nHost: 127.0.0.1:" in request


def test_a_head_has_no_body_and_passes_without_one() -> None:
    _, result = heard_by(HttpRequest("/", "", ((200, 200),), "HEAD"))
    assert (result.outcome, result.message.rpartition(": ")[2]) == (Outcome.PASSED, "status 200")


def test_a_redirect_is_judged_by_its_status_and_not_followed() -> None:
    asked_for: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked_for.append((await reader.readuntil(b"\r\n\r\n")).partition(b" HTTP")[0])
        writer.write(b"HTTP/1.0 301 Moved\r\nLocation: /elsewhere\r\n\r\n")

    result = ask_server(handler, kind=CheckKind.HTTP, http=HttpRequest("/", "", ((200, 299),)))
    assert (result.outcome, result.message.rpartition(": ")[2]) == (Outcome.FAILED, "status 301")
    assert asked_for == [b"GET /"]


def test_a_password_and_a_token_are_not_among_the_steps() -> None:
    async def both() -> str:
        async with serving(answering(b"HTTP/1.0 200 OK\r\n\r\n")) as port:
            # So short that the token would stand in what a step shows.
            question = replace(PLAIN, path="/", host="b", headers=("Accept: aaaa", "User-Agent: b"))
            asking = check(port, CheckKind.HTTP, http=question, login=Login("eva", "geheim"))
            result, steps = await prober().trace(asking)
            return " ".join((result.message, *(step.text for step in steps)))

    told = asyncio.run(both())
    assert "GET / HTTP" in told
    assert not any(secret in told for secret in ("aaaa", "geheim", "ZXZhOmdlaGVpbQ", "eva"))


CERTIFICATE_DAYS = 10


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for www.example.com that is its own authority, with its key."""
    path: Path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=www.example.com"]
    names = ["-addext", "subjectAltName=DNS:www.example.com", "-days", str(CERTIFICATE_DAYS)]
    files = ["-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.fixture
def believed(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the certificate one of this machine's authorities."""
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    streams.tls_context.cache_clear()
    yield
    streams.tls_context.cache_clear()


def asked_over_tls(certificate: Path, tls: TlsSettings, names: list[str | None] | None = None) -> Result:
    """Ask a server with `certificate`; the names it is asked for in the handshake are put into `names`."""

    async def both() -> Result:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        context.sni_callback = lambda _, name, __: names.append(name) if names is not None else None
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        handler = answering(b"HTTP/1.1 200 OK\r\n\r\nhello")
        question = HttpRequest("/", "www.example.com", ((200, 200),))
        async with serving(handler, context) as port:
            asking = check(port, CheckKind.HTTP, http=question, tls=tls, expect=b"hello", limit_s=5)
            return await prober().run(asking)

    return asyncio.run(both())


def test_a_page_comes_over_tls(certificate: Path) -> None:
    result = asked_over_tls(certificate, TLS)
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message.startswith("HTTPS GET / from 127.0.0.1:")


@pytest.mark.parametrize(("host", "name"), [("www.example.com", "www.example.com"), ("", None)])
def test_tls_asks_for_the_host(certificate: Path, host: str, name: str | None) -> None:
    names: list[str | None] = []
    assert asked_over_tls(certificate, TlsSettings(host), names).outcome is Outcome.PASSED
    assert names == [name]


def test_a_certificate_nobody_vouches_for_is_refused_where_it_is_verified(certificate: Path) -> None:
    result = asked_over_tls(certificate, TlsSettings("www.example.com", is_verified=True))
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert "TLS failed: certificate not accepted, self-signed certificate" in result.message


@pytest.mark.usefixtures("believed")
@pytest.mark.parametrize(
    ("host", "outcome", "said"),
    [
        ("www.example.com", Outcome.PASSED, "status 200"),
        ("www.example.org", Outcome.FAILED, "certificate is not valid for 'www.example.org'"),
        ("", Outcome.FAILED, "certificate is not valid for '127.0.0.1'"),
    ],
)
def test_a_verified_certificate_has_to_be_the_hosts(
    certificate: Path, host: str, outcome: Outcome, said: str
) -> None:
    result = asked_over_tls(certificate, TlsSettings(host, is_verified=True))
    assert result.outcome is outcome
    assert said in result.message


@pytest.mark.parametrize("is_verified", [False, True])
@pytest.mark.parametrize(("days", "outcome"), [(CERTIFICATE_DAYS - 1, Outcome.PASSED), (30, Outcome.FAILED)])
@pytest.mark.usefixtures("believed")
def test_a_certificate_that_ends_soon_fails(
    certificate: Path, days: int, outcome: Outcome, is_verified: bool
) -> None:
    result = asked_over_tls(certificate, TlsSettings("www.example.com", is_verified, days))
    assert result.outcome is outcome, result.message
    if outcome is Outcome.FAILED:
        assert "the certificate expires on " in result.message
        assert "in 10 days; at least 30 days are required" in result.message
