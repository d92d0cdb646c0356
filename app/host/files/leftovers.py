"""What a writer leaves beside its file when it is killed before it could rename it: the next one deletes that."""

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

_RANDOM_BYTES = 8


def beside(target: Path) -> Path:
    """Return a new name for contents that are to replace `target`: by it they are known as its leftovers."""
    return target.with_name(f".{target.name}.{os.urandom(_RANDOM_BYTES).hex()}")


def clear(target: Path) -> None:
    """Delete what was named by `beside` and never came to replace `target`; what cannot be deleted stays.

    Only where nobody else writes `target` at the same time. Only regular files are deleted, and of these only our
    own, or those given to whom the directory or the file belongs.
    """
    name = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{{2 * _RANDOM_BYTES}}}")
    with suppress(OSError), os.scandir(target.parent) as entries:
        found = [target.parent / entry.name for entry in entries if name.fullmatch(entry.name)]
        if not found:
            return
        owners = {os.geteuid(), target.parent.stat().st_uid}
        with suppress(FileNotFoundError):
            owners.add(target.stat(follow_symlinks=False).st_uid)
        for path in found:
            status = path.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode) and status.st_uid in owners:
                path.unlink(missing_ok=True)
