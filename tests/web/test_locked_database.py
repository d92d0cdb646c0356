"""Another process holds the database's write lock: changes are refused for now, and everything is read on."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.held_database import held
from tests.web.served import Answer, ServedWeb, serving

PAGES = ("/control", "/virtual", "/global", "/history", "/tokens")
READERS, WRITERS = 4, 2


@pytest.fixture
def web(tmp_path: Path, database: Path) -> Iterator[ServedWeb]:
    with serving(ServedWeb(tmp_path, tmp_path / "lvs.cf", database), tmp_path / "log") as served:
        yield served


def test_a_change_is_refused_with_when_to_come_back_and_readers_are_not_held_up(
    web: ServedWeb, tmp_path: Path
) -> None:
    before = web.settings.lvs_cf.read_bytes()
    refused: list[Answer] = []
    seen: list[Answer] = []
    with held(web.database):
        writers = [
            threading.Thread(target=lambda port=port: refused.append(web.set_port(port)))
            for port in range(8000, 8000 + WRITERS)
        ]
        for writer in writers:
            writer.start()
        # They wait for the lock meanwhile, each in one of the threads that pages need too.
        readers = [threading.Thread(target=lambda: seen.extend(map(web.look, PAGES))) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        for thread in (*readers, *writers):
            thread.join()
        assert web.read("/api/virtual").status == 200
        assert web.ask("GET", "/health").status == 200
    assert [answer.status for answer in seen] == [200] * (READERS * len(PAGES))
    assert [answer.status for answer in refused] == [503] * WRITERS
    for answer in refused:
        assert answer.headers["Retry-After"] == "5"
        assert "is busy" in answer.text or "held the lock" in answer.text
        assert "Nothing was changed" in answer.text
    assert web.settings.lvs_cf.read_bytes() == before
    assert "Traceback" not in (tmp_path / "log").read_text()
    assert web.set_port(8001).status == 200
    assert b"port = 8001" in web.settings.lvs_cf.read_bytes()
