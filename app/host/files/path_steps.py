"""How a path leads to its file: every directory and every link that is passed, none of them followed unseen.

Whoever may change one of these decides which file is reached. Judges nothing.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LINKS_MAX = 40
"""The kernel's own bound (path_resolution(7))."""


@dataclass(frozen=True, slots=True)
class PathStep:
    """One directory, link or file on the way, with its own status; of a link not that of its target."""

    path: Path
    status: os.stat_result

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.status.st_mode)

    def is_safe_from(self, *owners: int) -> bool:
        """Return whether only root and `owners` can change what is reached through it.

        In a sticky directory others can't rename or delete what isn't theirs.
        """
        if self.status.st_uid not in (0, *owners):
            return False
        mode = self.status.st_mode
        is_shared = not stat.S_ISLNK(mode) and bool(mode & (stat.S_IWGRP | stat.S_IWOTH))
        return not is_shared or (stat.S_ISDIR(mode) and bool(mode & stat.S_ISVTX))


def path_steps(path: Path) -> Iterator[PathStep]:
    """Yield each step from the root directory to the file, in order; raise OSError where the way ends early."""
    at = Path("/")
    yield PathStep(at, at.lstat())
    # Not `resolve`, which follows links, nor a textual "..", which is another directory behind a link.
    rest = list(reversed(path.absolute().parts[1:]))
    links = 0
    while rest:
        name = rest.pop()
        if name == "..":
            at = at.parent
            continue
        step = PathStep(at / name, (at / name).lstat())
        yield step
        if not step.is_link:
            at = step.path
            continue
        links += 1
        if links > _LINKS_MAX:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        target = step.path.readlink()
        at = Path("/") if target.is_absolute() else at
        rest.extend(reversed(target.parts[1:] if target.is_absolute() else target.parts))


def links_of_others(path: Path) -> PathStep | None:
    """Return the step by which others can turn a link on the way to `path`; None: no link, or none they can turn.

    A link counts, and so does every directory that leads to it: this user's, or root's, and nobody else may write
    there. The way may end early, as the file need not be there.
    """
    passed: list[PathStep] = []
    owner = os.geteuid()
    with suppress(OSError):
        for step in path_steps(path):
            passed.append(step)
            if step.is_link:
                for judged in passed:
                    if not judged.is_safe_from(owner):
                        return judged
    return None
