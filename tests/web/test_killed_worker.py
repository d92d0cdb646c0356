"""kill -9 of a worker that is serving a change: the change is whole or not at all, and the pages go on."""

import http.client
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.commands.web import WORKERS
from tests.accept.port_changes import port_in
from tests.killed import may_trace
from tests.waiting import until
from tests.web.served import ServedWeb, serving

pytestmark = pytest.mark.skipif(not may_trace(), reason="this user may not trace other processes (Yama)")

KILLED_AT = {
    "fsync 1": "the new lvs.cf is written beside the old one",
    "pwrite64 1": "the transaction is about to be written",
    "fdatasync 1": "it is written and not yet synced",
    "rename 1": "it is committed, and lvs.cf still the old one",
    "fsync 2": "lvs.cf is the new one, and nobody was told",
}
COMMITTED = ("rename 1", "fsync 2")


@contextmanager
def killing(workers: list[int], call: str) -> Iterator[None]:
    """Have, for the block, a worker be killed at this call of a thread of it."""
    name, number = call.split()
    command = ["strace", "-f", "-e", f"trace={name}", "-e", f"inject={name}:signal=SIGKILL:when={number}"]
    for worker in workers:
        command += ["-p", str(worker)]
    with subprocess.Popen([*command, "-o", os.devnull], stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr is not None
        try:
            for _ in workers:
                assert "attached" in strace.stderr.readline()
            yield
        finally:
            strace.kill()
            strace.communicate()


def stored_port(web: ServedWeb) -> int:
    port: int = json.loads(web.read(f"/api/virtual/{web.ids.web}").text)["port"]
    return port


def test_a_change_is_whole_or_not_at_all_and_a_new_worker_takes_its_place(tmp_path: Path, database: Path) -> None:
    log = tmp_path / "log"
    state = tmp_path / "state"
    state.mkdir()
    with serving(ServedWeb(state, state / "lvs.cf", database), log) as web:
        # That the token was used is written once a minute, and is none of the writes below.
        assert web.set_port(8000).status == 200
        files = {entry.name for entry in state.iterdir()}
        for number, call in enumerate(KILLED_AT):
            kill_at(call, web, 8001 + number)
            until(lambda: {entry.name for entry in state.iterdir()} <= files, lambda: list(state.iterdir()))
            assert web.look("/virtual").status == 200
        assert web.set_port(9000).status == 200
        assert port_in(web.settings.lvs_cf) == 9000
    assert "Traceback" not in log.read_text()


def kill_at(call: str, web: ServedWeb, port: int) -> None:
    """Kill the worker that sets the port at that call, and require that it is set, or is not."""
    what, old, lvs_cf = KILLED_AT[call], stored_port(web), web.settings.lvs_cf
    workers = until(lambda: found if len(found := web.workers) == WORKERS else [])
    with killing(workers, call):
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            web.set_port(port)
        # strace must have seen all threads end before it is ended itself: it would wait for them for ever.
        until(lambda: any(not Path(f"/proc/{worker}").exists() for worker in workers), what)
    until(lambda: len(web.workers) == WORKERS and web.workers != workers, f"a new worker: {what}")
    assert len(set(web.workers) & set(workers)) == WORKERS - 1, what
    assert stored_port(web) == (port if call in COMMITTED else old), what
    # Nobody has to accept anything for the file to become what was saved.
    until(lambda: port_in(lvs_cf) == stored_port(web), lambda: f"{what}: {lvs_cf.read_text()}")
