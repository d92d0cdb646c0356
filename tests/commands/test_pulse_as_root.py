"""pulse as root in directories of another user follows no link of theirs, and gives no file of root's away."""

import asyncio
import os
import signal
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.host.control_client import ControlUnreachable, ask
from app.host.keepalived import Keepalived, KeepalivedFailed
from app.lvs.reports.status import EventReport
from app.pulse.events.file import EventFile
from app.pulse.history.disk import Disk
from app.pulse.history.record_file import RecordFile
from app.pulse.process.control import VerbRefused
from tests.commands.forked import Ended, ended, start
from tests.waiting import until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives away what is root's")

THEIRS = 3637
VICTIM = "root's own\n"
EVENT: EventReport = {"at": 1.0, "kind": "up", "virtual": "", "server": "", "target": "", "reason": "the clock"}


@dataclass(frozen=True, slots=True)
class Place:
    """A runtime and a history directory of that user, and a file and a directory of root's."""

    directory: Path

    @property
    def runtime(self) -> Path:
        return self.directory / "run"

    @property
    def history(self) -> Path:
        return self.directory / "history"

    @property
    def victim(self) -> Path:
        return self.directory / "shadow"

    @property
    def secret(self) -> Path:
        return self.directory / "root-only"

    def link(self, name: Path, target: Path) -> None:
        """Put a symbolic link there as that user would."""
        name.symlink_to(target)
        os.chown(name, THEIRS, THEIRS, follow_symlinks=False)

    def untouched(self) -> tuple[str, int, int, int, list[str]]:
        """Return what is to stay as it is."""
        found = self.victim.stat()
        mode = stat.S_IMODE(found.st_mode)
        return self.victim.read_text(), found.st_uid, found.st_gid, mode, os.listdir(self.secret)

    def pulse(self) -> Ended:
        """Run pulse as root until it ends, or is stopped because it answers."""
        environment = {
            "PALOMETA_LVS_CF": str(self.directory / "lvs.cf"),
            "PALOMETA_RUNTIME_DIRECTORY": str(self.runtime),
            "PALOMETA_HISTORY_DIRECTORY": str(self.history),
        }
        said = self.directory / "said"
        child = start(["pulse"], environment, said)
        found: list[int] = []

        def is_settled() -> bool:
            pid, status = os.waitpid(child, os.WNOHANG)
            found.extend([status] if pid else [])
            return bool(pid) or is_answering(self.runtime / "pulse.sock")

        until(is_settled, said.with_suffix(".err").read_text)
        if not found:
            os.kill(child, signal.SIGTERM)
            found.append(os.waitpid(child, 0)[1])
        return ended(found[0], said)


def is_answering(socket: Path) -> bool:
    try:
        return bool(ask(socket, "status"))
    except ControlUnreachable:
        return False


@pytest.fixture
def place() -> Iterator[Place]:
    # Not in pytest's own directory, which lets nobody else in.
    with tempfile.TemporaryDirectory() as name:
        place = Place(Path(name))
        place.directory.chmod(0o755)
        for directory in (place.runtime, place.history):
            directory.mkdir(mode=0o750)
            os.chown(directory, THEIRS, THEIRS)
        place.secret.mkdir(mode=0o700)
        place.victim.write_text(VICTIM)
        place.victim.chmod(0o600)
        yield place


UNTOUCHED: tuple[str, int, int, int, list[str]] = (VICTIM, 0, 0, 0o600, [])


def test_what_it_makes_belongs_to_the_owner_of_the_directory(place: Place) -> None:
    assert place.pulse().status == 0
    made = list(place.runtime.iterdir())
    assert "pulse.lock" in {path.name for path in made}
    assert {path.lstat().st_uid for path in made} == {THEIRS}


@pytest.mark.parametrize("name", ["pulse.lock", "owned.json", "applied.cf", "events.jsonl", "pulse.sock"])
@pytest.mark.parametrize("make", [Path.symlink_to, Path.hardlink_to], ids=["link", "another name"])
def test_a_file_of_roots_is_not_changed_by_what_leads_to_it(
    place: Place, name: str, make: Callable[[Path, Path], None]
) -> None:
    make(place.runtime / name, place.victim)
    done = place.pulse()
    assert "Traceback" not in done.errors
    assert place.untouched() == UNTOUCHED
    if name == "pulse.lock":
        assert done.status == 1
        assert str(place.runtime / name) in done.errors


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "directory"])
def test_a_lock_that_is_no_file_is_said(place: Place, make: Callable[[Path], None]) -> None:
    make(place.runtime / "pulse.lock")
    os.chown(place.runtime / "pulse.lock", THEIRS, THEIRS)
    done = place.pulse()
    assert (done.status, "pulse.lock is not a regular file: remove it" in done.errors) == (1, True)


def test_a_runtime_directory_that_is_their_link_leads_root_nowhere(place: Place) -> None:
    place.runtime.rmdir()
    place.link(place.runtime, place.secret)
    done = place.pulse()
    assert done.status == 1
    assert "Permission denied" in done.errors
    assert place.untouched() == UNTOUCHED


@pytest.mark.parametrize("name", ["events.jsonl", "events.jsonl.1"])
def test_no_event_is_written_to_a_file_of_roots(place: Place, name: str) -> None:
    (place.runtime / name).hardlink_to(place.victim)
    events = EventFile(place.runtime, size_max=1)
    for _ in range(3):
        events.keep(EVENT)
    events.close()
    assert place.untouched() == UNTOUCHED


def write_record(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    RecordFile(path).append(1, b"record")


def test_no_history_is_written_through_a_link_or_another_name(place: Place) -> None:
    disk = Disk(place.history)
    (place.history / "1").hardlink_to(place.victim)
    place.link(place.history / "spans", place.secret)
    for name in ("1", "spans/2"):
        asyncio.run(disk.keep(write_record, place.history / name))
        assert place.untouched() == UNTOUCHED
    with pytest.raises(VerbRefused, match="Permission denied"):
        asyncio.run(disk.find(os.listdir, place.history / "spans"))
    asyncio.run(disk.keep(write_record, place.history / "new" / "3"))
    assert (place.history / "new" / "3").stat().st_uid == THEIRS


def test_a_missing_history_directory_is_made_with_the_rights_of_who_could_turn_the_way(place: Place) -> None:
    place.link(place.history / "link", place.secret)
    disk = Disk(place.history / "link" / "history")
    asyncio.run(disk.keep(write_record, disk.path / "1"))
    assert place.untouched() == UNTOUCHED
    own = Disk(place.directory / "own" / "history")
    asyncio.run(own.keep(write_record, own.path / "1"))
    assert own.path.stat().st_uid == 0


def test_keepalived_takes_no_orders_from_another_user_as_root(place: Place) -> None:
    keepalived = Keepalived(place.runtime)
    with pytest.raises(KeepalivedFailed, match=f"belongs to user {THEIRS}.*as root"):
        keepalived.write("vrrp_instance x {}\n")
    with pytest.raises(KeepalivedFailed, match="Start pulse as that user"):
        keepalived.start()
    place.link(place.runtime / "keepalived.step", place.victim)
    with pytest.raises(OSError, match="Permission denied"):
        keepalived.set_step(3)
    assert place.untouched() == UNTOUCHED
