"""`palometa web` as a command: what it says and refuses when it starts."""

import fcntl
import socket
import struct
import termios
import time
from contextlib import suppress
from pathlib import Path

import pytest

from app.commands.web import PagesServer
from app.settings import Settings
from app.store import migrate, open_store
from tests.accept.port_changes import settings_in
from tests.protocols.certificate import Certificate, self_signed
from tests.waiting import until
from tests.web.clusters import save_cluster
from tests.web.server.pages import head, running, started, status_of

FORGED = "x\n[2026-11-29 21-00-00 +0000] [1] [WARNING] pulse was stopped"
STOPPED_S = 20.0
"""It takes STOP_S, 3 seconds, where the machine is free."""


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """A certificate, and its key."""
    return self_signed(tmp_path, days=1)


def refusal(directory: Path, **settings: str) -> str:
    """Return why the command refuses to serve."""
    with started(directory, **settings) as (process, pages):
        assert process.wait(60) == 1, pages.log
        return pages.log


def is_read(connection: socket.socket) -> bool:
    """Whether the other side's machine has taken all that was sent."""
    return not struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))[0]


def test_the_link_is_printed_when_the_port_is_open_and_leads_to_a_page_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with started(tmp_path, PORT=str(port)) as (process, pages):
            until(lambda: process.poll() is not None or "in use" in pages.log, lambda: pages.log)
            assert "Set the first password" not in pages.log
            other.close()
            until(lambda: process.poll() is not None or "Set the first password: " in pages.log, lambda: pages.log)
            path = pages.log.partition("Set the first password: ")[2].split()[0].partition(f":{port}")[2]
            assert status_of(pages.get(path)) == 200


def test_a_file_that_was_saved_and_not_written_is_written(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    migrate(settings.database_url)
    store = open_store(settings.database_url)
    save_cluster(settings, store)
    store.close()
    written = settings.lvs_cf.read_bytes()
    settings.lvs_cf.unlink()
    with running(tmp_path) as pages:
        until(lambda: "lvs.cf was out of date; it now holds the last accepted" in pages.log, lambda: pages.log)
    assert settings.lvs_cf.read_bytes() == written


def test_http_beyond_this_machine_is_warned_about(tmp_path: Path) -> None:
    with running(tmp_path, ADDRESS="0.0.0.0") as pages:
        assert "Warning: the pages are served over HTTP at 0.0.0.0:" in pages.log
        assert "Set PALOMETA_TLS_CERTIFICATE and PALOMETA_TLS_KEY" in pages.log


def test_a_key_that_others_can_read_is_refused(tmp_path: Path, certificate: Certificate) -> None:
    certificate.key.chmod(0o644)
    said = refusal(tmp_path, TLS_CERTIFICATE=str(certificate.certificate), TLS_KEY=str(certificate.key))
    assert f"palometa web: the TLS key {certificate.key} has mode 0644" in said
    assert "Traceback" not in said


def test_a_proxy_that_is_no_address_is_refused(tmp_path: Path) -> None:
    assert "PALOMETA_TRUSTED_PROXY: 'proxy.example' is neither" in refusal(tmp_path, TRUSTED_PROXY="proxy.example")


def test_it_stops_soon_though_somebody_goes_on_sending_a_request(tmp_path: Path) -> None:
    with started(tmp_path) as (process, pages):
        until(pages.are_served, lambda: pages.log)
        # Nor does it warn of anything on this machine alone.
        assert "Warning" not in pages.log
        with pages.plain() as connection:
            # Sent so far, it is waited for during minutes; gunicorn gives up after 30 s, with a kill.
            connection.sendall(head("POST", "/login", "Content-Length: 1000000") + b"\r\n" + b"a" * 400_000)
            until(lambda: is_read(connection), lambda: pages.log)
            process.terminate()
            told_at = time.monotonic()
            while process.poll() is None and time.monotonic() < told_at + STOPPED_S:
                with suppress(OSError):
                    connection.sendall(b"a")
                time.sleep(0.2)
            assert process.poll() == 0, pages.log


def test_no_name_of_a_file_makes_a_line_of_the_log(tmp_path: Path) -> None:
    directory = tmp_path / FORGED
    directory.mkdir()
    files = self_signed(directory, days=1)
    with started(tmp_path, TLS_CERTIFICATE=str(files.certificate), TLS_KEY=str(files.key)) as (process, pages):
        until(lambda: process.poll() is not None or "Set the first password" in pages.log, lambda: pages.log)
        files.certificate.write_text("nothing")
        with pages.plain() as connection:
            connection.sendall(b"\x16\x03\x01")
            until(lambda: "the renewed certificate is not used" in pages.log, lambda: pages.log)
        assert FORGED.partition("\n")[2] in pages.log
        assert not [line for line in pages.log.split("\n") if line.startswith(FORGED.partition("\n")[2])]


def test_no_request_makes_a_line_of_the_log_of_gunicorn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = PagesServer(Settings(state_directory=tmp_path), None, "")
    log = server.cfg.logger_class(server.cfg)
    try:
        log.warning("refused %s", FORGED)
    finally:
        log.error_log.handlers.clear()
    (line,) = capsys.readouterr().err.splitlines()
    assert "refused x␊[2026" in line
