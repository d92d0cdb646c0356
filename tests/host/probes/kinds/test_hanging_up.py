"""Servers that answer and hang up: what they had said by then counts, however the connection ends."""

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.lvs.checks.check import HttpRequest, Outcome, TlsSettings
from app.lvs.model.check_kinds import CheckKind, LoadKind, ProbeKind
from tests.host.probes.asking import ask, check
from tests.host.probes.threaded import Session, asked, reset, serving, unasked, unasked_and_reset
from tests.protocols.certificate import self_signed

BODY = b"Percona XtraDB Cluster Node is synced.\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n"
SIZED = HEAD + b"Content-Length: 40\r\n\r\n" + BODY
EXPECTED = b"Cluster Node is synced"
PAGE = HttpRequest("/", "", ((200, 399),))
SERVED = 20


def results(session: Session, kind: ProbeKind, **more: Any) -> set[tuple[Outcome, str]]:
    """Return the outcomes of many rounds: who is faster must make no difference."""
    with serving(session) as port:
        rounds = [ask(check(port, kind, limit_s=5, **more)) for _ in range(SERVED)]
    return {(result.outcome, result.message.partition(": ")[2]) for result in rounds}


@pytest.mark.parametrize(
    "answer",
    [
        SIZED,
        SIZED.replace(b"\r\n", b"\n"),
        HEAD + b"\r\n" + BODY,
        b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n" + SIZED,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n28\r\n" + BODY + b"\r\n0\r\n\r\n",
        HEAD + b"Content-Length: 400\r\n\r\n" + BODY,
    ],
    ids=["sized", "lf", "until closed", "early hints", "chunked", "cut short"],
)
@pytest.mark.parametrize("how", [unasked, unasked_and_reset, asked])
@pytest.mark.parametrize("more", [{"expect": EXPECTED}, {"expect": b"Node.is", "use_regex": True}, {}])
def test_a_page_that_was_sent_counts(how: Callable[[bytes], Session], answer: bytes, more: Any) -> None:
    assert results(how(answer), CheckKind.HTTP, http=PAGE, **more) == {(Outcome.PASSED, "status 200")}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (SIZED, "status 200, but 'Cluster Node is lost' not found in the first 40 bytes"),
        (HEAD + b"Content-Length: 44\r\n\r\n" + BODY, "status 200, but closed 4 bytes before the end of its body"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "closed after status 100, without a final one"),
    ],
)
def test_a_page_without_the_text_has_failed(answer: bytes, said: str) -> None:
    def session(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer)

    found = results(session, CheckKind.HTTP, http=PAGE, expect=b"Cluster Node is lost")
    assert found == {(Outcome.FAILED, said)}


def test_a_text_that_has_come_is_not_waited_for() -> None:
    served = threading.Event()

    def session(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n28\r\n" + BODY)
        # The page goes on for ever.
        served.wait(20)

    with serving(session) as port:
        result = ask(check(port, CheckKind.HTTP, http=PAGE, expect=EXPECTED, limit_s=10))
        served.set()
    assert result.outcome is Outcome.PASSED, result.message


@pytest.mark.parametrize("is_reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("head", [HEAD, HEAD + b"Content-Length: 40\r\n"], ids=["until closed", "sized"])
def test_a_page_over_tls_counts_without_a_farewell(tmp_path: Path, head: bytes, is_reset: bool) -> None:
    files = self_signed(tmp_path, 10)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)

    def session(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as encrypted:
            encrypted.recv(4096)
            encrypted.sendall(head + b"\r\n" + BODY)
            if is_reset:
                reset(encrypted)

    found = results(session, CheckKind.HTTP, http=PAGE, tls=TlsSettings(), expect=EXPECTED)
    assert found == {(Outcome.PASSED, "status 200")}


LDAP_BOUND = bytes.fromhex("300c02010161070a010004000400")
LDAP_FOUND = bytes.fromhex("300c02010265070a010004000400")
MYSQL_NOT_US = b"\x13\0\0\0\xff\x6a\x04Host not allowed"
LAST_WORDS: list[tuple[ProbeKind, Session, str]] = [
    (CheckKind.SMTP, asked(b"250 mx\r\n", b"220 mx ESMTP\r\n"), "answered with 250"),
    (CheckKind.IMAP, asked(b"* BYE\r\n", b"* OK ready\r\n"), "greeted with OK"),
    (CheckKind.POP3, asked(b"+OK bye\r\n", b"+OK ready\r\n"), "answered with +OK"),
    (CheckKind.REDIS, asked(b"+PONG\r\n", b""), "answered PONG"),
    (CheckKind.REDIS, unasked_and_reset(b"+PONG\r\n"), "answered PONG"),
    (CheckKind.LDAP, asked(LDAP_FOUND, b"", LDAP_BOUND), "found"),
    (CheckKind.MYSQL, unasked_and_reset(MYSQL_NOT_US), "in service, login refused: 'Host not allowed'"),
    (CheckKind.POSTGRESQL, asked(b"R\0\0\0\x08\0\0\0\x03", b""), "asks for authentication"),
    (LoadKind.AGENT, unasked_and_reset(b"75%"), "answered '75%'"),
    (LoadKind.AGENT, unasked(b"75%\n"), "answered '75%'"),
    (CheckKind.TCP, unasked_and_reset(b""), "connected"),
]


@pytest.mark.parametrize(("kind", "session", "said"), LAST_WORDS, ids=lambda value: getattr(value, "value", ""))
def test_a_last_word_counts_whatever_comes_after_it(kind: ProbeKind, session: Session, said: str) -> None:
    assert results(session, kind) == {(Outcome.PASSED, said)}


@pytest.mark.parametrize("session", [unasked(b"OK\r\n"), unasked_and_reset(b"OK\r\n"), asked(b"OK\r\n", b"")])
def test_an_expected_answer_counts_whatever_comes_after_it(session: Session) -> None:
    assert results(session, CheckKind.SEND, send=b"status\r\n", expect=b"OK") == {
        (Outcome.PASSED, "answered as expected")
    }


def test_a_server_that_says_nothing_to_quit_is_well() -> None:
    gone = threading.Event()

    def session(connection: socket.socket) -> None:
        connection.sendall(b"220 mx ESMTP\r\n")
        connection.recv(4096)
        connection.sendall(b"250 mx\r\n")
        connection.recv(4096)
        gone.wait(20)

    with serving(session) as port:
        result = ask(check(port, CheckKind.SMTP, limit_s=2))
        gone.set()
    assert (result.outcome, result.message.rpartition(": ")[2]) == (Outcome.PASSED, "answered with 250")
