"""kill -9 at each call that changes a file: what is kept beside the database is the old one or the new one."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest

from app.host.pinned_tls import load_identity
from app.lvs.ipvs.table import Family, ServiceKey, Transport
from app.lvs.reports.status import EventReport
from app.pulse.events.file import EventFile
from app.pulse.history.record_file import RecordFile
from app.pulse.process.owned import OwnedState
from app.web.frame.secret_key import LENGTH, load_secret_key
from tests.killed import kills

SECRET = "secret_key"
IDENTITY = "partner.pem"
RECORDS = "0"
FULL = 150
"""An event file has room for one event in this many bytes."""
LONG = b"new\n" * 3000


@dataclass(frozen=True, slots=True)
class Kept:
    """`write` changes what is kept from `old`, which `begin` makes, to `new`; `read` returns it.

    Of the `files` there are no more after `clean`, which changes it once more where that takes a change.
    """

    begin: Callable[[Path], object]
    write: Callable[[Path], object]
    read: Callable[[Path], object]
    old: object
    new: object
    files: set[str]
    clean: Callable[[Path], object]


def nothing(directory: Path) -> None:
    """Do nothing: there is no file before, or none is left."""


def service(number: int) -> ServiceKey:
    return ServiceKey(Family.IPV4, Transport.TCP, ip_address(f"192.0.2.{number}"), 80, 0)


def own(*numbers: int) -> Callable[[Path], None]:
    return lambda directory: OwnedState(directory).own([service(number) for number in numbers], ())


def owned(directory: Path) -> object:
    return OwnedState(directory).services


def remember(data: bytes) -> Callable[[Path], None]:
    return lambda directory: OwnedState(directory).remember_good(data)


def good(directory: Path) -> object:
    return OwnedState(directory).last_good


def append(at: int, payload: bytes) -> Callable[[Path], None]:
    return lambda directory: RecordFile(directory / RECORDS).append(at, payload)


def records(directory: Path) -> object:
    file = RecordFile(directory / RECORDS)
    if not file.times:
        return []
    with file.reading() as descriptor:
        return [(at, file.payload(descriptor, index)) for index, at in enumerate(file.times)]


def happen(at: float) -> Callable[[Path], None]:
    event: EventReport = {
        "at": at,
        "kind": "down",
        "virtual": "web",
        "server": "rs1",
        "target": "",
        "reason": "refused",
    }

    def keep(directory: Path) -> None:
        file = EventFile(directory, FULL)
        file.keep(event)
        file.close()

    return keep


def events(directory: Path) -> object:
    return [found["at"] for found in EventFile(directory, FULL).last(10)]


def secret(directory: Path) -> object:
    return len(load_secret_key(directory / SECRET))


def identity(directory: Path) -> object:
    return len(load_identity(directory / IDENTITY).fingerprint)


KEPT = {
    "owned.json": Kept(
        own(1), own(2), owned, {service(1)}, {service(1), service(2)}, {"owned.json"}, clean=own(3)
    ),
    "applied.cf": Kept(
        remember(b"old\n"), remember(LONG), good, b"old\n", LONG, {"applied.cf"}, clean=remember(b"next\n")
    ),
    "record file": Kept(
        append(10, b"old"),
        append(20, LONG),
        records,
        [(10, b"old")],
        [(10, b"old"), (20, LONG)],
        {RECORDS},
        nothing,
    ),
    "event file that is full": Kept(
        happen(1.0), happen(2.0), events, [1.0], [1.0, 2.0], {"events.jsonl", "events.jsonl.1"}, nothing
    ),
    # Whoever reads these makes what is not there.
    "secret key": Kept(nothing, secret, secret, LENGTH, LENGTH, {SECRET}, nothing),
    "certificate": Kept(nothing, identity, identity, 32, 32, {IDENTITY}, nothing),
}


@pytest.mark.parametrize("name", KEPT)
def test_it_is_the_old_one_or_the_new_one_and_can_be_written_again(name: str, tmp_path: Path) -> None:
    kept = KEPT[name]
    before = tmp_path / "before"
    before.mkdir()
    kept.begin(before)
    calls = list[str]()
    for directory, call in kills(before, kept.write, tmp_path):
        calls.append(call)
        found = kept.read(directory)
        assert found in (kept.old, kept.new), call
        if found != kept.new:
            kept.write(directory)
        assert kept.read(directory) == kept.new, call
        kept.clean(directory)
        assert {entry.name for entry in directory.iterdir()} == kept.files, call
    # One at least for what is written, and the one that was not killed.
    assert len(calls) > 2, calls
