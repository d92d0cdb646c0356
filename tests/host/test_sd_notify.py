"""Notices to the service manager, as sd_notify(3) has them."""

import socket
from pathlib import Path

from app.host.sd_notify import READY, SdNotify


def test_it_is_told_by_a_datagram_to_the_socket_it_named(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(5)
        SdNotify({"NOTIFY_SOCKET": str(path)}).tell(READY)
        assert manager.recv(100) == b"READY=1"


def test_an_abstract_name_begins_with_an_at() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("")
        name = manager.getsockname()
        manager.settimeout(5)
        SdNotify({"NOTIFY_SOCKET": f"@{name[1:].decode()}"}).tell(READY)
        assert manager.recv(100) == b"READY=1"


def test_without_a_manager_or_with_one_that_is_gone_nothing_happens(tmp_path: Path) -> None:
    SdNotify({}).tell(READY)
    SdNotify({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell(READY)
