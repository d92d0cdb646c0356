"""`palometa web` as a command: what it says and refuses when it starts."""

import socket
from pathlib import Path

import pytest

from tests.protocols.certificate import Certificate, self_signed
from tests.waiting import until
from tests.web.server.pages import head, running, started, status_of


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """A certificate, and its key."""
    return self_signed(tmp_path, days=1)


def refusal(directory: Path, **settings: str) -> str:
    """Return why the command refuses to serve."""
    with started(directory, **settings) as (process, pages):
        assert process.wait(60) == 1, pages.log
        return pages.log


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


def test_it_stops_soon_though_somebody_has_not_finished_a_request(tmp_path: Path) -> None:
    with started(tmp_path) as (process, pages):
        until(pages.are_served, lambda: pages.log)
        # Nor does it warn of anything on this machine alone.
        assert "Warning" not in pages.log
        with pages.plain() as connection:
            connection.sendall(head("GET", "/health"))
            process.terminate()
            assert process.wait(25) == 0
