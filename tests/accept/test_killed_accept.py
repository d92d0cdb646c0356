"""kill -9 of an ACCEPT at each call that changes a file: the next start has the old revision or the new one."""

from pathlib import Path

from app.accept.accept import catch_up
from tests.accept.port_changes import (
    FIRST_PORT,
    accept_port,
    begin,
    opened,
    port_in,
    require_whole,
    settings_in,
)
from tests.killed import kills

NEW, NEXT = 8080, 8081
FILES = {"lvs.cf", "lvs.cf.lock", "palometa.db"}


def start_accept_and_end(directory: Path, port: int = NEW) -> None:
    store = opened(directory)
    accept_port(directory, store, port)
    store.close()


def test_it_is_the_old_revision_or_the_new_one_and_nothing_is_left_beside_it(
    empty_database: Path, tmp_path: Path
) -> None:
    before = tmp_path / "before"
    before.mkdir()
    begin(before, empty_database)
    ports = list[int | None]()
    for directory, call in kills(before, start_accept_and_end, tmp_path):
        # What pulse would read at this moment.
        assert port_in(directory / "lvs.cf") in (FIRST_PORT, NEW), call
        store = opened(directory)
        catch_up(settings_in(directory), store)
        ports.append(require_whole(directory, store))
        store.close()
        assert {entry.name for entry in directory.iterdir()} <= FILES, call
        start_accept_and_end(directory, NEXT)
        assert port_in(directory / "lvs.cf") == NEXT, call
    assert set(ports) == {FIRST_PORT, NEW}
    assert ports[-1] == NEW
    assert len(ports) > 20
