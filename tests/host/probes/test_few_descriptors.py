"""Checks while pulse has hardly a descriptor left: they pass or could not be run, and no server is blamed."""

import asyncio
import os
import resource
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.host.probes.prober import Prober
from app.host.probes.transport.streams import tls_context
from app.lvs.checks.check import Check, HttpRequest, Outcome, Result, TlsSettings
from app.lvs.model.check_kinds import CheckKind
from tests.host.dead_dns import in_own_process
from tests.host.probes.asking import check, prober
from tests.host.probes.programs import directory, put
from tests.host.probes.threaded import serving
from tests.protocols.certificate import HOST, self_signed

__all__ = ["directory"]

SPARE_MAX = 8
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def all_but(spare: int) -> Iterator[None]:
    """Take every descriptor but `spare`."""
    taken: list[int] = []
    with suppress(OSError):
        while True:
            taken.append(os.open("/dev/null", os.O_RDONLY))
    for descriptor in taken[len(taken) - spare :]:
        os.close(descriptor)
    try:
        yield
    finally:
        for descriptor in taken[: len(taken) - spare]:
            os.close(descriptor)


async def result_of(asking: Prober, asked: Check) -> Result:
    """Return the result as the scheduler gets it."""
    found: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    return await (found if asking.start(asked, found.set_result) else asking.run(asked))


def not_blamed(asking: Callable[[], Prober], asked: Check) -> None:
    """Run a check with few descriptors, then with enough; each time in a new process and with one more."""

    async def run(spare: int) -> tuple[Result, Result]:
        new = asking()
        with closing(new):
            with all_but(spare):
                first = await result_of(new, asked)
            with pytest.raises(ChildProcessError):
                # No program runs on.
                os.waitpid(-1, os.WNOHANG)
            return first, await result_of(new, asked)

    def try_with(spare: int) -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (80, hard))
        first, later = asyncio.run(run(spare))
        assert first.outcome in (Outcome.PASSED, Outcome.NOT_RUN), (spare, first)
        assert later.outcome is Outcome.PASSED, (spare, first, later)

    for spare in range(SPARE_MAX):
        in_own_process(partial(try_with, spare))


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (CheckKind.TCP, {}),
        (CheckKind.SEND, {"send": b"hello", "expect": ANSWER}),
        (CheckKind.HTTP, {"http": HttpRequest("/", HOST, ((200, 200),))}),
    ],
)
def test_a_check_of_a_server_is_not_run_or_passes(kind: CheckKind, more: dict[str, Any]) -> None:
    def answer(connection: Any) -> None:
        with suppress(OSError):
            connection.recv(4096)
            connection.sendall(ANSWER)

    with serving(answer) as port:
        not_blamed(prober, check(port, kind, limit_s=5, **more))


def test_a_certificate_is_judged_only_with_the_authorities_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Another test of this process may have had authorities read, which are kept.
    tls_context.cache_clear()
    files = self_signed(tmp_path, days=9)
    monkeypatch.setenv("SSL_CERT_FILE", str(files.certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)

    def answer(connection: Any) -> None:
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as over_tls:
            over_tls.recv(4096)
            over_tls.sendall(ANSWER)

    with serving(answer) as port:
        not_blamed(
            prober,
            check(
                port,
                CheckKind.HTTP,
                limit_s=5,
                http=HttpRequest("/", HOST, ((200, 200),)),
                tls=TlsSettings(HOST, True, 0),
            ),
        )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can put programs there")
def test_a_program_is_not_run_or_passes(directory: Path) -> None:
    put(directory, "echo OK")
    not_blamed(
        lambda: prober(directory),
        check(80, CheckKind.PROGRAM, limit_s=5, program="/opt/piranha/probe", expect=b"OK"),
    )
