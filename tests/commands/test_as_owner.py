"""Root's commands in directories of another user: they follow no link of that user and leave nothing of root's."""

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands.forked import Ended, run

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up being root")

WEB, PULSE = 3636, 3637
TEXT = "serial_no = 1\nprimary = 192.0.2.77\n"
VICTIM = "serial_no = 5\n# root's own\n"


@dataclass(frozen=True, slots=True)
class Place:
    """An installation whose directories are the web part's and pulse's, and a directory that is root's alone."""

    directory: Path

    @property
    def ha(self) -> Path:
        return self.directory / "ha"

    @property
    def state(self) -> Path:
        return self.directory / "state"

    @property
    def runtime(self) -> Path:
        return self.directory / "run"

    @property
    def secret(self) -> Path:
        return self.directory / "root-only"

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "PALOMETA_LVS_CF": str(self.ha / "lvs.cf"),
            "PALOMETA_STATE_DIRECTORY": str(self.state),
            "PALOMETA_RUNTIME_DIRECTORY": str(self.runtime),
        }

    def palometa(self, *arguments: str, typed: str = "") -> Ended:
        """Run a command as root."""
        return run(arguments, self.environment, self.directory / "said", typed=typed)

    def plant(self, link: Path, target: Path) -> None:
        """Put a link there as the web part's user would."""
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        os.chown(link, WEB, WEB, follow_symlinks=False)


@pytest.fixture
def place() -> Iterator[Place]:
    # Not in pytest's own directory, which lets nobody else in.
    with tempfile.TemporaryDirectory() as name:
        place = Place(Path(name))
        place.directory.chmod(0o755)
        for path, owner, mode in (
            (place.ha, WEB, 0o2750),
            (place.state, WEB, 0o700),
            (place.runtime, PULSE, 0o750),
        ):
            path.mkdir()
            os.chown(path, owner, WEB)
            path.chmod(mode)
        place.secret.mkdir(mode=0o700)
        (place.secret / "in.cf").write_text(TEXT)
        yield place


def owners(place: Place) -> set[int]:
    return {
        path.stat(follow_symlinks=False).st_uid
        for part in (place.ha, place.state)
        for path in (part, *part.iterdir())
    }


def test_what_root_imports_and_sets_belongs_to_the_web_part(place: Place) -> None:
    # The file is root's alone: it is read before root's rights are given up.
    assert place.palometa("import", str(place.secret / "in.cf")).errors == ""
    assert place.palometa("passwd", "bob", typed="correct horse battery\n").status == 0
    assert place.palometa("token", "make", "ansible").status == 0
    assert (place.ha / "lvs.cf").read_text() == "serial_no = 2\nprimary = 192.0.2.77\n"
    assert owners(place) == {WEB}


def test_a_file_of_roots_is_not_replaced_through_lvs_cf(place: Place) -> None:
    assert place.palometa("import", str(place.secret / "in.cf")).status == 0
    victim = place.directory / "hosts"
    victim.write_text(VICTIM)
    place.plant(place.ha / "lvs.cf", victim)
    # What its owner can do as well: let the database say that it was written there.
    with sqlite3.connect(place.state / "palometa.db") as database:
        database.execute("UPDATE revisions SET sha256 = ?", (hashlib.sha256(VICTIM.encode()).hexdigest(),))
    (place.secret / "in.cf").write_text(TEXT + "backup = 192.0.2.78\n")
    done = place.palometa("import", str(place.secret / "in.cf"))
    assert (done.status, "Nothing was changed" in done.errors) == (1, True)
    assert (victim.read_text(), victim.stat().st_uid) == (VICTIM, 0)


@pytest.mark.parametrize("name", ["palometa.db", "palometa.db-wal", "palometa.db-shm", "lvs.cf.lock"])
@pytest.mark.parametrize("command", [("passwd", "bob"), ("token", "list"), ("import", "{}")])
def test_nothing_is_made_where_a_link_of_the_web_part_leads(
    place: Place, name: str, command: tuple[str, str]
) -> None:
    if name != "palometa.db":
        assert place.palometa("token", "list").status == 0
    place.plant(place.state / name, place.secret / "made")
    place.palometa(*(word.format(place.secret / "in.cf") for word in command), typed="correct horse battery\n")
    assert os.listdir(place.secret) == ["in.cf"]


def test_nothing_is_made_where_a_link_at_lvs_cf_leads_nor_read_from_there(place: Place) -> None:
    place.plant(place.ha / "lvs.cf", place.secret / "new.conf")
    assert place.palometa("import", str(place.secret / "in.cf")).status == 1
    assert os.listdir(place.secret) == ["in.cf"]
    # Nor does root carry what it alone may read to where the web part can.
    place.plant(place.ha / "lvs.cf", place.secret / "in.cf")
    for command in ("import", "export", "plan"):
        done = place.palometa(command, str(place.ha / "lvs.cf"))
        assert (done.status, "192.0.2.77" in done.output + done.errors) == (1, False)
        assert f"Cannot read {place.ha / 'lvs.cf'}: " in done.errors


def test_another_name_of_roots_file_is_not_given_away_as_the_lock(place: Place) -> None:
    victim = place.directory / "shadow"
    victim.write_text(VICTIM)
    victim.chmod(0o600)
    (place.state / "lvs.cf.lock").hardlink_to(victim)
    done = place.palometa("import", str(place.secret / "in.cf"))
    assert done.status == 1
    assert f"Cannot write {place.state / 'lvs.cf.lock'}: this user (UID {WEB})" in done.errors
    assert (victim.stat().st_uid, victim.read_text()) == (0, VICTIM)


def test_the_owner_of_a_link_at_the_state_directory_is_who_decides(place: Place) -> None:
    home = place.directory / "home"
    home.mkdir()
    os.chown(home, WEB, WEB)
    place.plant(home / "state", place.secret)
    environment = {**place.environment, "PALOMETA_STATE_DIRECTORY": str(home / "state")}
    done = run(["token", "list"], environment, place.directory / "said")
    assert done.status == 1
    assert os.listdir(place.secret) == ["in.cf"]


def test_where_root_stays_root_it_follows_no_link_of_another_either(place: Place) -> None:
    # As in a container: everything is root's but the directory that is mounted.
    for path in (place.state, place.runtime):
        os.chown(path, 0, 0)
    assert place.palometa("import", str(place.secret / "in.cf")).status == 0
    assert (place.ha / "lvs.cf").stat().st_uid == WEB
    place.plant(place.ha / "lvs.cf", place.secret / "new.conf")
    (place.secret / "in.cf").write_text(TEXT + "backup = 192.0.2.78\n")
    done = place.palometa("import", str(place.secret / "in.cf"))
    assert done.status == 1
    assert "links there are not followed" in done.errors
    assert os.listdir(place.secret) == ["in.cf"]
    # Its link in its own directory is followed as ever.
    own = place.directory / "own"
    own.mkdir()
    (own / "lvs.cf").symlink_to(place.directory / "real.cf")
    environment = {**place.environment, "PALOMETA_LVS_CF": str(own / "lvs.cf")}
    assert run(["import", str(place.secret / "in.cf")], environment, place.directory / "said").status == 0
    assert (place.directory / "real.cf").read_text().startswith("serial_no = ")


def test_a_database_in_anothers_directory_is_not_opened_through_a_link(place: Place) -> None:
    os.chown(place.state, 0, 0)
    place.plant(place.ha / "palometa.db", place.secret / "db")
    environment = {**place.environment, "PALOMETA_DATABASE_URL": f"sqlite:///{place.ha / 'palometa.db'}"}
    done = run(["token", "list"], environment, place.directory / "said")
    assert done.status == 1
    assert "root does not follow it" in done.errors
    assert os.listdir(place.secret) == ["in.cf"]


def test_root_makes_the_directories_that_are_missing_for_their_owner(place: Place) -> None:
    place.ha.rmdir()
    assert place.palometa("import", str(place.secret / "in.cf")).status == 0
    status = place.ha.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o7777) == (WEB, WEB, 0o2750)
    assert (place.ha / "lvs.cf").stat().st_uid == WEB
