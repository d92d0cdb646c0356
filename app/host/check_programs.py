"""Which programs may be run as checks: those that root has put into one directory.

lvs.cf can be written by people who are not root, so it only names a program. Nothing is run here.
"""

import os
import stat
from pathlib import Path


class ProgramRefused(Exception):
    """The program may not be run; the message says why and what root can do."""


def approved(directory: Path, word: str) -> Path:
    """Return the program that `word` in lvs.cf stands for; raise ProgramRefused.

    The program is found by its file name in `directory`, whatever path lvs.cf gives, so that a
    file of Piranha's works unchanged once root has put or linked the program there.
    """
    name = word.rpartition("/")[2]
    place = directory / name
    put = f"As root, put it there or link it: ln -s /path/of/{name} {place}"
    if not name or name in (".", ".."):
        raise ProgramRefused(f"'{word}' names no program: write its path or its name.")
    try:
        program = place.resolve(strict=True)
    except OSError as error:
        raise ProgramRefused(f"{place} does not exist, and no other directory is used. {put}") from error
    for part in (directory.resolve(), *reversed(program.parents), program):
        _require_roots(part)
    status = program.stat()
    if not stat.S_ISREG(status.st_mode) or not os.access(program, os.X_OK):
        raise ProgramRefused(f"{program} is not a program: make it executable (chmod 755 {program}).")
    return program


def _require_roots(path: Path) -> None:
    status = path.stat()
    others_write = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    # In a sticky directory others cannot change what is root's, and everything below has to be root's.
    if others_write and stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX:
        others_write = 0
    if status.st_uid != 0 or others_write:
        raise ProgramRefused(
            f"{path} can be changed by users other than root, so nothing in it is run: chown root {path}; "
            f"chmod go-w {path}."
        )
