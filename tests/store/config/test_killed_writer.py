"""kill -9 of a writer, whenever it comes, leaves the old state or the new one, and the database sound."""

import random
import signal
import subprocess
import sys
from pathlib import Path

from app.lvs.model.config import VirtualServer
from app.store import Store, open_store
from tests.store.stores import add_web, change

KILLS = 5
WRITER = """
import sys
from dataclasses import replace
from app.store import open_store

store = open_store(sys.argv[1])
rows = store.snapshot().virtual
for number in range(1_000_000):
    with store.edit("writer") as edit:
        for row in rows:
            edit.set_virtual(row.id, replace(row.virtual, port=1 + number % 60_000))
        edit.finish(str(number), str(number).encode())
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_old_or_new(store: Store, url: str) -> None:
    for number in range(6):
        add_web(store, f"v{number}", servers=0)
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    for _ in range(KILLS):
        before = store.snapshot().serial_no
        said = kill_writer_after(url, chance.randrange(1, 12), chance.random())
        snapshot = open_store(url).snapshot()
        assert snapshot == store.snapshot()
        assert len({virtual.port for virtual in snapshot.config.virtual}) == 1, f"half an edit, seed {seed}"
        assert snapshot.serial_no - before in (said, said + 1), f"an acknowledged edit is lost, seed {seed}"
        (head,) = store.revisions(limit=1)
        assert (head.serial_no, head.summary) == (snapshot.serial_no, str(snapshot.serial_no - before - 1))
        assert_sound(store)


def kill_writer_after(url: str, lines: int, share: float) -> int:
    """Kill a writer some part of an edit after it acknowledged `lines` of them; return how many it did in all."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, url],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        text=True,
    )
    assert writer.stdout is not None
    with writer, writer.stdout as said:
        count = sum(1 for _ in zip(range(lines), said, strict=False))
        # Some hundred turns of the loop are up to a few edits: where exactly the kill falls is left to chance.
        for _ in range(int(share * 200_000)):
            pass
        writer.send_signal(signal.SIGKILL)
        return count + sum(1 for line in said if line.endswith("\n"))


def assert_sound(store: Store) -> None:
    """Check the file itself, and that the next edit works."""
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    new = change(store, lambda edit: edit.add_virtual(VirtualServer(name="next")))
    change(store, lambda edit: edit.delete_virtual(new))
