"""What `palometa partner` is asked, and how often: a process that is silent holds no page up."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import Store
from app.web.status.partner_client import PartnerClient


@pytest.fixture
def hung(tmp_path: Path) -> Iterator[Path]:
    """A socket that takes questions and answers none."""
    path = tmp_path / "partner.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        yield path


def test_a_router_without_a_partner_asks_nobody(store: Store, hung: Path) -> None:
    seen = PartnerClient(hung, store).read()
    assert (seen.partner, seen.report, seen.silence) == (None, None, "")


def test_a_hung_process_is_waited_for_by_one_page_and_not_by_the_next(
    store: Store, hung: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.status.partner_client.WITHIN_S", 0.05)
    store.partners.pair("lvs2", "192.0.2.2", 3637, b"")
    status = PartnerClient(hung, store)
    seen = status.read()
    assert "partner has not answered within 0.05 s" in seen.silence
    assert status.read() is seen


def test_another_partner_is_asked_about_at_once(store: Store, tmp_path: Path) -> None:
    status = PartnerClient(tmp_path / "nothing.sock", store)
    store.partners.pair("lvs2", "192.0.2.2", 3637, b"")
    seen = status.read()
    assert "start it with 'palometa partner'" in seen.silence
    other = store.partners.pair("lvs3", "192.0.2.3", 3637, b"")
    assert status.read().partner == other
