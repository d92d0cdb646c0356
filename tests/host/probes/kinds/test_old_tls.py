"""Servers whose TLS is old: without verification everything the library speaks will do, and the result says so."""

import asyncio
import datetime
import socket
import ssl
import warnings
from base64 import encodebytes
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from app.host.probes.transport import streams
from app.host.probes.transport.ber import element
from app.lvs.checks.check import HttpRequest, Outcome, Result, TlsSettings
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.asking import check, prober
from tests.host.probes.threaded import Session, asked, serving

V1_0, V1_1, V1_2, V1_3 = (
    ssl.TLSVersion.TLSv1,
    ssl.TLSVersion.TLSv1_1,
    ssl.TLSVersion.TLSv1_2,
    ssl.TLSVersion.TLSv1_3,
)
# RFC 2409, 6.2: 1024 bits, as servers had for a decade.
GROUP_2 = bytes.fromhex(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF"
)
DH_PARAMETERS = element(0x30, element(0x02, b"\0" + GROUP_2), element(0x02, b"\x02"))
PAGE = HttpRequest("/", "www.example.com", ((200, 399),))
OLD = [
    (V1_2, "AES128-SHA", "TLS 1.2 with AES128-SHA"),
    (V1_2, "DHE-RSA-AES128-SHA", "TLS 1.2 with DHE-RSA-AES128-SHA"),
    (V1_2, "ECDHE-RSA-AES256-SHA", "TLS 1.2 with ECDHE-RSA-AES256-SHA"),
    (V1_2, "AES256-GCM-SHA384", "TLS 1.2 with AES256-GCM-SHA384"),
    (V1_2, "CAMELLIA128-SHA", "TLS 1.2 with CAMELLIA128-SHA"),
    (V1_1, "ALL", "TLS 1.1 with ECDHE-RSA-AES256-SHA"),
    (V1_0, "ALL", "TLS 1.0 with ECDHE-RSA-AES256-SHA"),
    (V1_0, "AES128-SHA", "TLS 1.0 with AES128-SHA"),
]
each_old = pytest.mark.parametrize(("version", "ciphers", "agreed"), OLD, ids=[agreed for *_, agreed in OLD])


def server_files(directory: Path, bits: int) -> Path:
    """Write key and certificate of a server with a key of `bits`, its own authority."""
    key = rsa.generate_private_key(65537, bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "www.example.com")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("www.example.com")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = directory / f"{bits}.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(pem)
        + b"-----BEGIN DH PARAMETERS-----\n%b-----END DH PARAMETERS-----\n" % encodebytes(DH_PARAMETERS)
    )
    return file


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return server_files(tmp_path_factory.mktemp("tls"), 2048)


def over_tls(session: Session, files: Path, version: ssl.TLSVersion, ciphers: str) -> Session:
    """Return `session` within TLS of nothing but `version` and `ciphers`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    context.load_cert_chain(files)
    context.load_dh_params(str(files))

    def encrypted(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as inner:
            session(inner)

    return encrypted


def traced(session: Session, kind: CheckKind, tls: TlsSettings | None = None) -> tuple[Result, list[str]]:
    with serving(session) as port:
        asking = check(
            port, kind, tls=tls or TlsSettings(), http=PAGE if kind is CheckKind.HTTP else None, limit_s=9
        )
        result, steps = asyncio.run(prober().trace(asking))
    return result, [step.text for step in steps]


PAGE_ANSWER = asked(b"HTTP/1.0 200 OK\r\n\r\n", b"")


@each_old
def test_an_old_server_is_well_and_its_age_is_told(
    files: Path, version: ssl.TLSVersion, ciphers: str, agreed: str
) -> None:
    result, steps = traced(over_tls(PAGE_ANSWER, files, version, ciphers), CheckKind.HTTP)
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message.endswith(f": status 200 (the server's TLS is old: {agreed})")
    assert f"the server's TLS is old: {agreed}" in steps


LDAP_BOUND = bytes.fromhex("300c02010161070a010004000400")
LDAP_FOUND = bytes.fromhex("300c02010265070a010004000400")


@pytest.mark.parametrize(
    ("kind", "session"),
    [
        (CheckKind.SMTP, asked(b"250 mx\r\n", b"220 mx ESMTP\r\n")),
        (CheckKind.IMAP, asked(b"* BYE\r\n", b"* OK ready\r\n")),
        (CheckKind.POP3, asked(b"+OK bye\r\n", b"+OK ready\r\n")),
        (CheckKind.REDIS, asked(b"+PONG\r\n", b"")),
        (CheckKind.LDAP, asked(LDAP_FOUND, b"", LDAP_BOUND)),
    ],
)
def test_so_is_one_of_any_other_protocol(files: Path, kind: CheckKind, session: Session) -> None:
    result, _ = traced(over_tls(session, files, V1_0, "AES128-SHA"), kind)
    assert result.outcome is Outcome.PASSED, result.message
    assert result.message.endswith(" (the server's TLS is old: TLS 1.0 with AES128-SHA)")


@pytest.mark.parametrize(
    ("version", "ciphers"), [(V1_3, "ALL"), (V1_2, "ALL"), (V1_2, "DHE-RSA-AES128-GCM-SHA256")]
)
def test_nothing_is_said_about_a_server_of_today(files: Path, version: ssl.TLSVersion, ciphers: str) -> None:
    result, steps = traced(over_tls(PAGE_ANSWER, files, version, ciphers), CheckKind.HTTP)
    assert result.message.endswith(": status 200")
    assert "old" not in " ".join(steps)


def test_a_short_key_is_the_servers_affair(tmp_path: Path) -> None:
    files = server_files(tmp_path, 1024)
    result, _ = traced(over_tls(PAGE_ANSWER, files, V1_2, "ALL"), CheckKind.HTTP)
    assert result.outcome is Outcome.PASSED, result.message


def test_an_old_server_that_answers_wrongly_is_told_to_be_old_as_well(files: Path) -> None:
    session = asked(b"HTTP/1.0 503 Busy\r\n\r\n", b"")
    result, _ = traced(over_tls(session, files, V1_1, "AES128-SHA"), CheckKind.HTTP)
    assert result.message.endswith(": status 503 (the server's TLS is old: TLS 1.1 with AES128-SHA)")


def test_a_server_without_a_certificate_is_none(files: Path) -> None:
    result, _ = traced(over_tls(PAGE_ANSWER, files, V1_2, "aNULL:eNULL"), CheckKind.HTTP)
    assert "TLS failed: " in result.message


@pytest.fixture
def believed(files: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SSL_CERT_FILE", str(files))
    streams.tls_context.cache_clear()
    yield
    streams.tls_context.cache_clear()


@pytest.mark.usefixtures("believed")
@each_old
def test_where_the_certificate_is_verified_an_old_server_fails(
    files: Path, version: ssl.TLSVersion, ciphers: str, agreed: str
) -> None:
    verified = TlsSettings("www.example.com", is_verified=True)
    result, _ = traced(over_tls(PAGE_ANSWER, files, version, ciphers), CheckKind.HTTP, verified)
    assert (result.outcome, "TLS failed: " in result.message) == (Outcome.FAILED, True), agreed
    assert "certificate" not in result.message
    assert traced(over_tls(PAGE_ANSWER, files, V1_3, "ALL"), CheckKind.HTTP, verified)[0].outcome is Outcome.PASSED
