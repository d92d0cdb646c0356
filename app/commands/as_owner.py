"""Root's commands work as the user whose directories they are in, as that user can put links there for root.

Makes first, as root, the directories that are missing and that only root can make.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.commands.failure import CommandFailed
from app.commands.load_config import read_file
from app.host.files.path_steps import links_of_others, path_steps
from app.host.files.rights import account_ids, become, make_directory, owner_of
from app.settings import Settings
from app.store import StoreFailed, sqlite_file

WEB_ACCOUNT = "palometa"
"""The user of the web part and of the partner link, as systemd/palometa.sysusers makes it."""
_COMPANIONS = ("", "-wal", "-shm", "-journal")
"""The files that SQLite opens beside the database's own name."""


def read_and_become_owner(settings: Settings, file: Path) -> bytes:
    """Become the owner, and return the contents of `file`, which root may have to read; raise CommandFailed.

    Where the owner has a part in the way to the file, it is read as the owner: it may lead anywhere.
    """
    if os.geteuid() != 0:
        return read_file(file)
    _prepare(settings, with_lvs_cf=True)
    owner = _owner(settings.state_directory)
    is_theirs = owner is not None and _has_part(owner[0], file)
    data = b"" if is_theirs else read_file(file)
    become_owner(settings)
    return read_file(file) if is_theirs else data


def become_owner(settings: Settings) -> None:
    """Give up root for the owner of the state directory, unless that is root; raise CommandFailed.

    Where root stays, no link that somebody else can turn is left on the way to a file that will be written.
    """
    if os.geteuid() != 0:
        return
    _prepare(settings)
    owner = _owner(settings.state_directory)
    if owner is not None:
        with _said(settings.state_directory):
            become(*owner)
        return
    kept = (settings.lock_file, settings.secret_key_file, settings.partner_identity, settings.partner_socket)
    for path in (*_database_files(settings), *kept):
        if step := links_of_others(path):
            raise CommandFailed(
                f"{path} is reached by a link that other users can change ({step.path}), and root does not follow "
                f"it. Put the file itself there, or let root own link and directory (chown -h root {step.path})."
            )


def _prepare(settings: Settings, *, with_lvs_cf: bool = False) -> None:
    """Make the directories that are missing and that only root can make."""
    state = settings.state_directory
    with _said(state):
        make_directory(state, *account_ids(WEB_ACCOUNT), 0o700)
    if with_lvs_cf:
        with _said(settings.lvs_cf.parent):
            make_directory(settings.lvs_cf.parent, *(_owner(state) or (0, 0)), 0o2750)


def _owner(state: Path) -> tuple[int, int] | None:
    with _said(state):
        return owner_of(state)


def _has_part(user: int, file: Path) -> bool:
    """Return whether `user` owns the file, or a directory or a link on the way to it."""
    with suppress(OSError):
        return any(step.status.st_uid == user for step in path_steps(file))
    return True


@contextmanager
def _said(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CommandFailed(
            f"cannot use the directory {directory}: {error.strerror or error}. Make it for the user that palometa "
            'runs as (README.md, "Install as services"), or set PALOMETA_STATE_DIRECTORY and PALOMETA_LVS_CF to '
            "other places."
        ) from error


def _database_files(settings: Settings) -> list[Path]:
    try:
        file = sqlite_file(settings.database_url)
    except StoreFailed:
        # The command itself says what is wrong with the URL.
        return []
    return [] if file is None else [file.with_name(f"{file.name}{end}") for end in _COMPANIONS]
