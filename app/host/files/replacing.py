"""Whether a file can be replaced by renaming another over it, known before anything is renamed.

A change is saved in the database before its file is renamed: what cannot succeed has to be found earlier.
"""

import errno
import os
import stat
from pathlib import Path


def obstacle(path: Path) -> str | None:
    """Return why `path`, which is no link, cannot be renamed over, and what to do; None: nothing is in the way.

    Raises OSError for what the kernel says in words of its own.
    """
    try:
        there = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(there.st_mode):
        return "it is not a regular file; move it away, or put the configuration file there"
    if _mount_of(path) != _mount_of(path.parent):
        return (
            "it is a mount of this single file, as containers make it, and a mount cannot be replaced; mount "
            f"the directory {path.parent}, not the file"
        )
    try:
        # Never succeeds on a file. The kernel asks for the rights to remove it, which a rename over it takes as
        # well, and only then finds that it is no directory.
        path.rmdir()
    except NotADirectoryError:
        return None
    except OSError as error:
        if error.errno == errno.EPERM:
            return _why_not_permitted(path.parent, there)
        raise
    return None


def _why_not_permitted(directory: Path, there: os.stat_result) -> str:
    owner = directory.stat()
    if owner.st_mode & stat.S_ISVTX and os.geteuid() not in (0, owner.st_uid, there.st_uid):
        return (
            f"it belongs to user {there.st_uid}, and in the directory {directory}, which is sticky, this user "
            f"(UID {os.geteuid()}) may replace only its own files; change its owner, or chmod -t {directory}"
        )
    return (
        f"it or its directory is marked immutable or append-only; see 'lsattr -d {directory}' and 'lsattr "
        f"{directory}', and remove the mark as root (chattr -ia)"
    )


def _mount_of(path: Path) -> str | None:
    """Return the number of the mount in which `path` is: a bind mount has the device number of its source."""
    descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        described = Path(f"/proc/self/fdinfo/{descriptor}").read_text()
    except OSError:
        # Without /proc it cannot be known; the rename will tell.
        return None
    finally:
        os.close(descriptor)
    return next((line.split()[1] for line in described.splitlines() if line.startswith("mnt_id:")), None)
