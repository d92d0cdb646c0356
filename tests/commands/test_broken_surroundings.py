"""Every command with each of its files and directories missing, closed, of the wrong kind or damaged.

None ends in a traceback: the exit code is one of ours, and a failure is a sentence.
"""

import os
import shutil
import signal
import socket
import sqlite3
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

import pytest

from app.exit_codes import ExitCode
from app.store import migrate
from tests.commands.every_command import command_names
from tests.commands.forked import Ended, ended, run, start
from tests.free_ports import free_port
from tests.protocols.certificate import Certificate, self_signed
from tests.waiting import until

GOOD = "serial_no = 1\nprimary = 192.0.2.77\nnotify_program = tell\n"
OWNER, STRANGER = 3636, 5000


@dataclass(frozen=True, slots=True)
class Place:
    """An installation in a directory of its own."""

    directory: Path

    def path(self, name: str) -> Path:
        """Return the path of the file or directory `name`, one of those in the tables below."""
        return self.directory / name

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PALOMETA_LVS_CF": str(self.path("ha/lvs.cf")),
            "PALOMETA_STATE_DIRECTORY": str(self.path("state")),
            "PALOMETA_RUNTIME_DIRECTORY": str(self.path("run")),
            "PALOMETA_HISTORY_DIRECTORY": str(self.path("history")),
            "PALOMETA_CHECK_DIRECTORY": str(self.path("checks")),
            "PALOMETA_PARTNER_ADDRESS": "127.0.0.1",
        }


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, in which {} is the directory, and what it opens."""

    words: tuple[str, ...]
    files: tuple[str, ...]
    directories: tuple[str, ...]
    typed: str = ""
    ready: str = field(default="", kw_only=True)
    """For one that runs until it is stopped: what it says when it is there."""
    is_over_tls: bool = field(default=False, kw_only=True)

    def environment(self, place: Place) -> dict[str, str]:
        """Return the settings of a place, and of the TLS files if the command reads them."""
        files = {
            "PALOMETA_TLS_CERTIFICATE": str(place.path(CERTIFICATE)),
            "PALOMETA_TLS_KEY": str(place.path(KEY)),
        }
        return place.environment | (files if self.is_over_tls else {})


DATABASE = "state/palometa.db"
CERTIFICATE, KEY = "tls/certificate.pem", "tls/key.pem"
COMMANDS = (
    Command(("status",), ("run/pulse.sock",), ("run",)),
    Command(("switch",), (), ("run",)),
    Command(("top", "0.2"), (), ("run",), ready="pulse"),
    Command(("plan",), ("ha/lvs.cf", "run/owned.json"), ("ha", "run")),
    Command(("apply", "{}/in.cf"), ("in.cf", "run/owned.json"), ("run",)),
    Command(("export",), ("ha/lvs.cf",), ("ha",)),
    Command(("check", "{}/in.cf"), ("in.cf",), ()),
    Command(("check", "--json", "--piranha", "{}/in.cf"), ("in.cf",), ()),
    Command(("convert", "{}/in.cf", "--to", "json"), ("in.cf",), ()),
    Command(("convert", "{}/in.cf", "--to", "ipvsadm"), ("in.cf",), ()),
    Command(("notify-test",), ("ha/lvs.cf",), ("checks",)),
    Command(("import", "{}/in.cf"), ("in.cf", "state/lvs.cf.lock", "ha/lvs.cf"), ("state", "ha")),
    Command(("token", "list"), (DATABASE,), ("state",)),
    Command(("passwd", "bob"), (), ("state",), "correct horse battery\n"),
    Command(("web",), (DATABASE, "state/secret_key"), ("state",), ready="http://"),
    Command(("web",), (CERTIFICATE, KEY), ("tls",), ready="https://", is_over_tls=True),
    Command(("partner",), ("state/partner.pem", "state/partner.sock"), ("state",), ready="listening on"),
    Command(("pulse",), ("run/pulse.lock", "run/pulse.sock"), ("run", "history"), ready="STARTING PULSE"),
)
Damage = Callable[[Path], None]


def remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def replaced_by(make: Damage) -> Damage:
    def damage(path: Path) -> None:
        remove(path)
        make(path)

    return damage


def bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def close(path: Path) -> None:
    if not path.exists():
        path.write_text("")
    path.chmod(0)


def write(data: bytes) -> Damage:
    def damage(path: Path) -> None:
        remove(path)
        path.write_bytes(data)

    return damage


def truncate(path: Path) -> None:
    if path.exists():
        os.truncate(path, path.stat().st_size // 2)


def from_the_future(path: Path) -> None:
    if path.name == "palometa.db":
        with sqlite3.connect(path) as database:
            database.execute("UPDATE alembic_version SET version_num = '9999'")


def not_there(path: Path) -> None:
    remove(path)


OF_FILES: dict[str, Damage] = {
    "missing": not_there,
    "closed": close,
    "a directory": replaced_by(Path.mkdir),
    "a full directory": replaced_by(lambda path: (path / "in it").mkdir(parents=True)),
    "a pipe": replaced_by(os.mkfifo),
    "a socket": replaced_by(bind),
    "a device": replaced_by(lambda path: path.symlink_to("/dev/zero")),
    "a broken link": replaced_by(lambda path: path.symlink_to("nowhere/at all")),
    "a circle": replaced_by(lambda path: path.symlink_to(path.name)),
    "empty": write(b""),
    "garbage": write(b"\x00\xff{]" * 5000),
    "cut off": truncate,
    "newer": from_the_future,
}
OF_DIRECTORIES: dict[str, Damage] = {
    "missing": not_there,
    "closed": close,
    "a file": replaced_by(lambda path: path.touch()),
    "a broken link": replaced_by(lambda path: path.symlink_to("nowhere/at all")),
    "a circle": replaced_by(lambda path: path.symlink_to(path.name)),
}


AT_START = ("a directory", "garbage", "a broken link", "a file", "a pipe", "a device")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("database") / "palometa.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_signed(tmp_path_factory.mktemp("tls"), days=1)


@pytest.fixture
def make_place(database: Path, tls: Certificate) -> Iterator[Callable[[int], Place]]:
    # Not in pytest's own directory, which lets nobody else in.
    with tempfile.TemporaryDirectory() as name:
        count = iter(range(10_000))

        def make(owner: int) -> Place:
            place = Place(Path(name, str(next(count))))
            for part in ("", "ha", "state", "run", "history", "checks", "tls"):
                place.path(part).mkdir()
            shutil.copy(database, place.path(DATABASE))
            for source, copy in ((tls.certificate, CERTIFICATE), (tls.key, KEY)):
                shutil.copy(source, place.path(copy))
                place.path(copy).chmod(0o600)
            for file in ("in.cf", "ha/lvs.cf"):
                place.path(file).write_text(GOOD)
            place.path("run/owned.json").write_text('{"services": [], "addresses": []}')
            if os.geteuid() == 0:
                for path in (place.directory, *place.directory.rglob("*")):
                    os.chown(path, owner, owner)
            return place

        Path(name).chmod(0o755)
        yield make


def cases() -> Iterator[tuple[Command, str, str, Damage]]:
    for command in COMMANDS:
        for names, damages in ((command.files, OF_FILES), (command.directories, OF_DIRECTORIES)):
            for name in names:
                for word, damage in damages.items():
                    is_meant = word != "newer" or name == DATABASE
                    # Starting takes long: those by which a start is most likely to fail.
                    if is_meant and (not command.ready or word in AT_START):
                        yield command, name, word, damage


def test_every_command_is_tried() -> None:
    assert {command.words[0] for command in COMMANDS} == set(command_names())


def outcome(place: Place, command: Command, user: int | None) -> Ended:
    words = [word.format(place.directory) for word in command.words]
    said = place.directory.with_name(f"{place.directory.name}-said")
    port = free_port()
    ports = {"PALOMETA_PORT": str(port), "PALOMETA_PARTNER_PORT": str(free_port())}
    environment = {**command.environment(place), **ports}
    if not command.ready:
        return run(words, environment, said, user, command.typed)
    child = start(words, environment, said, user)
    status: list[int] = []

    def is_settled() -> bool:
        pid, code = os.waitpid(child, os.WNOHANG)
        if pid:
            status.append(code)
        is_web = command.words == ("web",)
        return bool(pid) or (is_answering(command, port) if is_web else command.ready in text_of(said))

    try:
        until(is_settled, lambda: text_of(said))
    finally:
        if not status:
            os.kill(child, signal.SIGTERM)
            status.append(os.waitpid(child, 0)[1])
    return ended(status[0], said)


def text_of(said: Path) -> str:
    return said.with_suffix(".out").read_text() + said.with_suffix(".err").read_text()


def is_answering(command: Command, port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    if command.is_over_tls:
        connection = HTTPSConnection("127.0.0.1", port, timeout=5, context=unverified())
    with suppress(OSError, HTTPException), closing(connection):
        connection.request("GET", "/health")
        return bool(connection.getresponse().status)
    return False


def unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def name_of(command: Command) -> str:
    return " ".join(command.words) + (" over TLS" if command.is_over_tls else "")


CASES = list(cases())
USERS = [None, OWNER] if os.geteuid() == 0 else [None]


def fault(command: Command, done: Ended) -> str:
    """Return what is wrong with how a command ended, empty: nothing."""
    said = done.output + done.errors
    # It has no end of its own, and without a terminal no key that ends it.
    is_stopped = command.words[0] == "top" and done.status == -signal.SIGTERM
    if "Traceback" in said or not (is_stopped or done.status in list(ExitCode)):
        return f"{done.status}\n{said}"
    return "" if done.status != ExitCode.FAILED or said.strip() else "fails and says nothing"


@pytest.mark.parametrize(
    ("command", "user"),
    # What takes long to start is tried as one user.
    [(command, user) for command in COMMANDS for user in USERS if not command.ready or user is None],
    ids=lambda shown: name_of(shown) if isinstance(shown, Command) else None,
)
def test_it_ends_with_a_sentence(command: Command, user: int | None, make_place: Callable[[int], Place]) -> None:
    wrong: list[str] = []
    for tried, name, word, damage in CASES:
        if tried is not command:
            continue
        place = make_place(user or 0)
        damage(place.path(name))
        if found := fault(command, outcome(place, command, user)):
            wrong.append(f"{name} {word}: {found}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is other users")
@pytest.mark.parametrize("command", COMMANDS, ids=name_of)
def test_a_stranger_is_told_what_is_not_permitted(command: Command, make_place: Callable[[int], Place]) -> None:
    place = make_place(OWNER)
    for name in ("state", "run", "ha"):
        place.path(name).chmod(0o700)
    assert fault(command, outcome(place, command, STRANGER)) == ""
