"""What belongs to a file besides its bytes: owner, group, mode, access lists and other extended attributes."""

import errno
import os
import stat
from pathlib import Path

_ACCESS_LIST = "system.posix_acl_access"
_OF_CONTENT = frozenset({"security.ima", "security.evm"})
"""Signatures of the old content, which would condemn the new one."""
_OF_OTHERS = ("security.", "trusted.")
"""The kernel's security modules set these by their own rules where we may not."""


def take_after(descriptor: int, target: Path, new_mode: int) -> None:
    """Give the file of `descriptor`, which is complete, what `target` has; raise OSError.

    Owner and group are taken over as far as this process is permitted to. Where there is no `target`, the file
    gets `new_mode` and the owner of its directory: made by root, it still has to be theirs.
    """
    try:
        there = target.stat(follow_symlinks=False)
    except FileNotFoundError:
        give(descriptor, target.parent.stat())
        os.fchmod(descriptor, new_mode)
        return
    give(descriptor, there)
    # The file may have been put there by its directory's owner: no program comes to run with others' rights by it.
    os.fchmod(descriptor, stat.S_IMODE(there.st_mode) & 0o777)
    _take_attributes(descriptor, target)


def give(descriptor: int, like: os.stat_result) -> None:
    """Give the file the owner and group of `like`, or the group alone, as far as this process may."""
    for owner, group in ((like.st_uid, like.st_gid), (-1, like.st_gid)):
        try:
            os.fchown(descriptor, owner, group)
        except PermissionError:
            continue
        break


def _take_attributes(descriptor: int, target: Path) -> None:
    names = _names(target)
    for name in names:
        if name in _OF_CONTENT:
            continue
        try:
            os.setxattr(descriptor, name, os.getxattr(target, name, follow_symlinks=False))
        except OSError as error:
            is_theirs = name.startswith(_OF_OTHERS) and error.errno in (errno.EPERM, errno.EACCES)
            if not is_theirs and error.errno not in (errno.ENODATA, errno.ENOTSUP):
                raise
    # The new file may have one from its directory's default, which the old one has not.
    if _ACCESS_LIST not in names and _ACCESS_LIST in _names(descriptor):
        os.removexattr(descriptor, _ACCESS_LIST)


def _names(file: Path | int) -> list[str]:
    try:
        return os.listxattr(file) if isinstance(file, int) else os.listxattr(file, follow_symlinks=False)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return []
        raise
