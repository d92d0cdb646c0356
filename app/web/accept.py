"""ACCEPT: one change of the configuration on its way to the database, to lvs.cf and to pulse.

The change and the file go together or not at all. Knows no forms and no pages.
"""

import errno
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.host.lvs_cf import LvsCfUnwritable, Pending, lock, prepare, read
from app.lvs.config import Config
from app.lvs.keyword import Place
from app.lvs.keywords import added
from app.lvs.machine import Machine
from app.lvs.problem import Path, Problem, Severity
from app.lvs.rules import check
from app.lvs.writing import Writer
from app.settings import Settings
from app.store import Edit, Snapshot, Store, StoreBusy, StoreFailed


@dataclass(frozen=True, slots=True)
class Parts:
    """What a change needs around it: who makes it, from where; `machine` None: what it has is not known."""

    settings: Settings
    store: Store
    writer: Writer
    author: str
    remote: str | None
    machine: Machine | None


@dataclass(frozen=True, slots=True)
class Made:
    """What a change has done: `summary` for HISTORY, and the `path` under which errors refuse it.

    `path` None: errors never refuse it, as it only takes something out.
    """

    summary: str
    path: Path | None


Change = Callable[[Edit], Made]
"""Makes one change in an open edit."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A change that is in the database and, unless `trouble` says why not, in lvs.cf."""

    serial_no: int
    trouble: str = ""


class Refused(Exception):
    """The rules refuse the change; `problems` are the errors that do so, `path` is where the change was made."""

    def __init__(self, problems: tuple[Problem, ...], path: Path) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems
        self.path = path


class NotSaved(Exception):
    """Nothing was saved, for a reason outside the configuration; `code` is the HTTP status that says so."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class EditedByHand(Exception):
    """lvs.cf is not what was last written: somebody edited it otherwise. Nothing was saved.

    `found` is the file, `written` what was last written (empty: nothing yet), `digest` names this very file.
    """

    def __init__(self, found: bytes, written: bytes, serial_no: int) -> None:
        super().__init__("lvs.cf was edited by hand")
        self.found = found
        self.written = written
        self.serial_no = serial_no
        self.digest = digest(found)


class Unchanged(Exception):
    """The change makes no difference to serial `serial_no`; nothing was saved, there was nothing to save."""

    def __init__(self, serial_no: int) -> None:
        super().__init__(f"nothing differs from {serial_no}")
        self.serial_no = serial_no


def digest(data: bytes) -> str:
    """Return what names the content `data`, for a person to say which file they agree to overwrite."""
    return hashlib.sha256(data).hexdigest()


def first_config() -> Config:
    """Return the configuration of an empty store: what Piranha wrote when it started with no file."""
    return Config(**added(Place.GLOBAL))


def config_of(snapshot: Snapshot) -> Config:
    """Return the configuration the pages show for `snapshot`."""
    return snapshot.config if snapshot.serial_no else first_config()


def accept(parts: Parts, change: Change, overwrite: str = "") -> Accepted:
    """Save what `change` makes, and write lvs.cf; `overwrite` is the digest of a hand-edited file to give up.

    Raises Refused, NotSaved, EditedByHand, and what `change` raises; in each case nothing has been saved.
    """
    try:
        with lock(parts.settings.lock_file):
            return _accept(parts, change, overwrite)
    except (LvsCfUnwritable, StoreBusy, StoreFailed) as refusal:
        raise NotSaved(str(refusal), 507 if _is_full(refusal) else 503) from refusal


def _accept(parts: Parts, change: Change, overwrite: str) -> Accepted:
    pending: Pending | None = None
    try:
        with parts.store.edit(parts.author, parts.remote) as edit:
            is_written = _is_written(parts, edit.snapshot, overwrite)
            before = config_of(edit.snapshot)
            if not edit.snapshot.serial_no:
                edit.set_globals(before)
            made = change(edit)
            config = edit.config()
            if is_written and replace(config, serial_no=before.serial_no) == before:
                raise Unchanged(edit.snapshot.serial_no)
            _refuse_errors(before, config, parts.machine, made.path)
            data = parts.writer.render(config)
            pending = prepare(parts.settings.lvs_cf, data)
            serial_no = edit.finish(made.summary, data)
    except BaseException:
        if pending is not None:
            pending.discard()
        raise
    try:
        pending.publish()
    except LvsCfUnwritable as trouble:
        # too late to take it back: it is saved, and the next ACCEPT finds the file late and writes it
        return Accepted(serial_no, str(trouble))
    return Accepted(serial_no)


def _refuse_errors(before: Config, config: Config, machine: Machine | None, path: Path | None) -> None:
    """Refuse errors of the edited object, and those anywhere that were not there before."""
    if path is None:
        return
    errors = [problem for problem in check(config, machine) if problem.severity is Severity.ERROR]
    if not errors:
        return
    known = set(check(before, machine))
    blocking = tuple(problem for problem in errors if _is_of(problem.path, path) or problem not in known)
    if blocking:
        raise Refused(blocking, path)


def _is_of(place: Path, path: Path) -> bool:
    """Return whether `place` is in the block at `path` itself, not in a block within it."""
    rest = place[len(path) :]
    return place[: len(path)] == path and rest[:1] not in (("virtual",), ("failover",), ("server",))


def _is_full(refusal: BaseException) -> bool:
    cause: BaseException | None = refusal
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if "disk is full" in str(cause):
            return True
        cause = cause.__cause__
    return False


def _is_written(parts: Parts, snapshot: Snapshot, overwrite: str) -> bool:
    """Return whether lvs.cf holds the revision of `snapshot`; raise EditedByHand when it holds another's edit."""
    found = read(parts.settings.lvs_cf)
    if not found or digest(found) == overwrite:
        return False
    written = parts.store.revision(snapshot.serial_no)
    if written is not None and written.data == found:
        return True
    # the one before: we ended between saving and writing, and the file is only late
    earlier = parts.store.revision(snapshot.serial_no - 1)
    if earlier is not None and earlier.data == found:
        return False
    raise EditedByHand(found, written.data if written else b"", snapshot.serial_no)
