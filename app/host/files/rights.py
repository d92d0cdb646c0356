"""Whose rights a file is touched with: root has no business in a directory of another user with its own.

Whoever owns a directory can put a link in it at any moment, and what root writes there is then written anywhere.
"""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.host.files.path_steps import path_steps

_UNCHANGED = 2**32 - 1
"""An ID that setfsuid(2) refuses, so that it only tells the present one."""


def owner_of(directory: Path) -> tuple[int, int] | None:
    """Return user and group of whoever decides what is in `directory`, None where only root does; raise OSError.

    That is its owner, or that of a link on the way there which isn't root's.
    """
    steps = list(path_steps(directory))
    for step in (*(step for step in steps if step.is_link), steps[-1]):
        if step.status.st_uid != 0:
            return step.status.st_uid, step.status.st_gid
    return None


def account_ids(name: str) -> tuple[int, int]:
    """Return user and group of the account `name`, root's where there is none: then palometa runs as root."""
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return 0, 0
    return found.pw_uid, found.pw_gid


def become(user: int, group: int) -> None:
    """Give up root for good, to be `user` with the groups of its account, or with `group` alone if it has none."""
    try:
        account = pwd.getpwuid(user)
    except KeyError:
        # Root's group reads and writes more than this user may.
        group = group or user
        os.setgroups([group])
    else:
        group = account.pw_gid
        os.initgroups(account.pw_name, group)
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)


@contextmanager
def rights_of_owner(directory: Path) -> Iterator[None]:
    """Let root, within the block, do in `directory` only what its owner may; other users act as themselves.

    Of one that is not there yet, that is the owner of the directory it will be in. It is this thread alone that
    has these rights, and only as to files (setfsuid(2)). Raises OSError.
    """
    owner = _owner_to_be(directory) if os.geteuid() == 0 else None
    if owner is None:
        yield
        return
    their_user, their_group = owner
    # Loaded by nobody else in pulse, and here only where root meets another's directory.
    import ctypes

    library = ctypes.CDLL(None)
    user, group = os.geteuid(), os.getegid()
    try:
        library.setfsgid(ctypes.c_uint32(their_group or their_user))
        library.setfsuid(ctypes.c_uint32(their_user))
        if library.setfsuid(ctypes.c_uint32(_UNCHANGED)) != their_user:
            raise PermissionError(f"The kernel refuses the rights of user {their_user}")
        yield
    finally:
        library.setfsuid(ctypes.c_uint32(user))
        library.setfsgid(ctypes.c_uint32(group))


def _owner_to_be(directory: Path) -> tuple[int, int] | None:
    while not os.path.lexists(directory) and directory != directory.parent:
        directory = directory.parent
    return owner_of(directory)


def make_directory(path: Path, user: int, group: int, mode: int) -> None:
    """Make, as root, the directory `path` for that user; not where another could turn the way there.

    Raises OSError. What exists stays as it is.
    """
    if path.exists():
        return
    if not path.parent.exists():
        make_directory(path.parent, 0, 0, 0o755)
    if not all(step.is_safe_from() for step in path_steps(path.parent)):
        return
    path.mkdir(mode=0o700, exist_ok=True)
    os.chown(path, user, group)
    path.chmod(mode)
