"""Which programs may be run as checks: those that root has put into one directory.

lvs.cf can be written by people who are not root, so it only names a program. Nothing is run here.
"""

import os
import stat
from pathlib import Path

from app.host.files.path_steps import PathStep, path_steps


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
        steps = tuple(path_steps(place))
    except (OSError, ValueError) as error:
        raise ProgramRefused(f"{place} does not exist, and no other directory is used. {put}") from error
    # Each link as well, and the directory it stands in: who can turn one of them chooses the program.
    for step in steps:
        _require_roots(step)
    program = steps[-1]
    if not stat.S_ISREG(program.status.st_mode) or not os.access(program.path, os.X_OK):
        raise ProgramRefused(f"{program.path} is not a program: make it executable (chmod 755 {program.path}).")
    return program.path


def _require_roots(step: PathStep) -> None:
    if step.is_safe_from():
        return
    path = step.path
    if step.is_link:
        raise ProgramRefused(
            f"{path} is a link that users other than root can change, so what it leads to is not run: chown -h "
            f"root {path}, and link only to what is root's."
        )
    raise ProgramRefused(
        f"{path} can be changed by users other than root, so nothing in it is run: chown root {path}; "
        f"chmod go-w {path}."
    )
