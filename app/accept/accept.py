"""ACCEPT: one change of the configuration on its way to the database, to lvs.cf and to pulse.

The change and the file go together or not at all. Knows no forms and no pages.
"""

import errno
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from app.accept.on_disk import OnDisk, as_written_here, compare, digest
from app.accept.rule_cache import RuleCache
from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.host.files.atomic_file import FileUnwritable, Pending, clear_leftovers, lock, prepare, read
from app.host.names import PatientNames
from app.lvs.grammar.reader import parse
from app.lvs.grammar.writer import Writer, render
from app.lvs.keywords.table import added
from app.lvs.model.config import Config
from app.lvs.model.keyword import BlockKind
from app.lvs.model.machine import Machine
from app.lvs.model.problem import Path, Problem, Severity
from app.lvs.pair.lineage import RevisionId
from app.settings import Settings
from app.store import Edit, Snapshot, Store, StoreBusy, StoreFailed
from app.store.config.edit import SERIAL_MAX


@dataclass(frozen=True, slots=True)
class AcceptContext:
    """What a change needs around it: who makes it, from where; `machine` None: what it has is not known."""

    settings: Settings
    store: Store
    writer: Writer
    author: str
    remote: str | None
    machine: Machine | None
    judge: RuleCache = field(default_factory=RuleCache)


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """What a change has done: `summary` for HISTORY, and the `path` under which errors refuse it.

    `path` None: errors never refuse it, as it only takes something out. A revision that is also made from others
    than the one before it has these as `parents`; `data` is its lvs.cf where a partner has written that already.
    """

    summary: str
    path: Path | None
    parents: tuple[RevisionId, ...] = ()
    data: bytes | None = None


Change = Callable[[Edit], ChangeResult]
"""Makes one change in an open edit."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A change that is in the database and, unless `trouble` says why not, in lvs.cf.

    `remark` says what else its author has to know, such as why the serial is not the one to be expected.
    """

    serial_no: int
    trouble: str = ""
    remark: str = ""


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
    """lvs.cf is not what was last written: it was edited by hand. Nothing was saved.

    `state` is FIRST or EDITED, `found` the file, `written` what was last written (empty: nothing yet).
    """

    def __init__(self, state: OnDisk, found: bytes, written: bytes, serial_no: int) -> None:
        super().__init__("lvs.cf was edited by hand")
        self.state = state
        self.found = found
        self.written = written
        self.serial_no = serial_no


class Unchanged(Exception):
    """The change makes no difference to serial `serial_no`; nothing was saved, there was nothing to save."""

    def __init__(self, serial_no: int) -> None:
        super().__init__(f"nothing differs from {serial_no}")
        self.serial_no = serial_no


def first_config() -> Config:
    """Return the configuration of an empty store: what Piranha wrote when it started with no file."""
    return Config(**added(BlockKind.GLOBAL))


def config_of(snapshot: Snapshot) -> Config:
    """Return the configuration the pages show for `snapshot`."""
    return snapshot.config if snapshot.serial_no else first_config()


def accept(parts: AcceptContext, change: Change, overwrite: str = "") -> Accepted:
    """Save what `change` makes, and write lvs.cf; `overwrite` is the digest of a hand-edited file to give up.

    Raises Refused, NotSaved, EditedByHand, and what `change` raises; in each case nothing has been saved.
    """
    try:
        with lock(parts.settings.lock_file):
            return _accept(parts, change, overwrite)
    except (FileUnwritable, StoreBusy, StoreFailed) as refusal:
        raise NotSaved(str(refusal), 507 if _is_full(refusal) else 503) from refusal


def catch_up(settings: Settings, store: Store) -> bool:
    """Write lvs.cf where it still is the revision before the last; return whether it was.

    So it is when we ended between saving a change and writing it. What we left beside the file when we were killed
    is deleted. Raises FileUnwritable, StoreBusy, StoreFailed.
    """
    with lock(settings.lock_file):
        clear_leftovers(settings.lvs_cf)
        heads = store.revisions(2)
        if compare(read(settings.lvs_cf), heads) is not OnDisk.LATE:
            return False
        last = store.revision(heads[0].serial_no)
        if last is None:
            return False
        prepare(settings.lvs_cf, as_written_here(last.data, store.partners.device_names())).publish()
        return True


def last_written(store: Store) -> bytes:
    """Return lvs.cf as this router last wrote it, empty where nothing was written yet."""
    heads = store.revisions(1)
    last = store.revision(heads[0].serial_no) if heads else None
    return as_written_here(last.data, store.partners.device_names()) if last else b""


def _accept(parts: AcceptContext, change: Change, overwrite: str) -> Accepted:
    pending: Pending | None = None
    try:
        with parts.store.edit(parts.author, parts.remote) as edit:
            found = read(parts.settings.lvs_cf)
            is_written = _is_written(parts, edit.snapshot, found, overwrite)
            _count_on(edit, b"" if is_written else found or b"")
            before = config_of(edit.snapshot)
            if not edit.snapshot.serial_no:
                edit.set_globals(before)
            made = change(edit)
            config = edit.config()
            if is_written and not made.parents and replace(config, serial_no=before.serial_no) == before:
                raise Unchanged(edit.snapshot.serial_no)
            _require_number(config.serial_no)
            _refuse_errors(parts, before, config, made.path)
            data = parts.writer.render(config) if made.data is None else made.data
            names = edit.device_names
            written = render(names.put_in(config)) if names else None
            pending = prepare(parts.settings.lvs_cf, data if written is None else written)
            remark = _remark(edit)
            summary = f"{made.summary}. {remark}" if remark else made.summary
            serial_no = edit.finish(summary, data, written=written, parents=made.parents)
    except BaseException:
        if pending is not None:
            pending.discard()
        raise
    try:
        pending.publish()
    except FileUnwritable as trouble:
        # too late to take it back: it is saved, and the next ACCEPT finds the file late and writes it
        return Accepted(
            serial_no, f"{trouble} The next ACCEPT, and each start of palometa, writes it again.", remark
        )
    _tell_partner(parts.settings)
    return Accepted(serial_no, remark=remark)


def _remark(edit: Edit) -> str:
    """Return why the serial goes back although it never should, empty: it does not."""
    if edit.uncounted is None:
        return ""
    return (
        f"The file's serial_no {edit.uncounted} is the largest there is, so no number can follow it: the serial "
        f"goes on from that of the database, {edit.snapshot.serial_no}"
    )


def _tell_partner(settings: Settings) -> None:
    """Let `palometa partner`, where it runs, send the change at once instead of within a second."""
    with suppress(ControlUnreachable, ControlRefused):
        ask(settings.partner_socket, "look", timeout_s=0.5, program="partner")


def _refuse_errors(parts: AcceptContext, before: Config, config: Config, path: Path | None) -> None:
    """Refuse errors of the edited object, and those anywhere that were not there before."""
    if path is None:
        return
    problems = parts.judge.problems(config, parts.machine)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if not errors:
        return
    known = set(parts.judge.problems(before, parts.machine))
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


def _count_on(edit: Edit, found: bytes) -> None:
    """Number the change behind the serial of `found`, a file that is not the last one written."""
    config = parse(found, PatientNames()).config if found else None
    edit.count_from(config.serial_no if config is not None else None)


def _require_number(serial_no: int | None) -> None:
    if serial_no is not None and serial_no > SERIAL_MAX:
        raise NotSaved(
            f"The serial number is {SERIAL_MAX}, the largest in lvs.cf and for Piranha, so no change can follow. "
            "Nothing was changed. Numbers can begin again only in a new database: export lvs.cf, set its "
            "serial_no to 0, stop palometa, move its database away, import that file, set the passwords again.",
            409,
        )


def _is_written(parts: AcceptContext, snapshot: Snapshot, found: bytes | None, overwrite: str) -> bool:
    """Return whether lvs.cf, `found`, holds the revision of `snapshot`; raise EditedByHand for another's edit."""
    if overwrite and found and digest(found) == overwrite:
        return False
    match compare(found, parts.store.revisions(2)):
        case OnDisk.FIRST | OnDisk.EDITED as state:
            raise EditedByHand(state, found or b"", last_written(parts.store), snapshot.serial_no)
        case OnDisk.WRITTEN:
            return bool(found)
        case _:
            return False
