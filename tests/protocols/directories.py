"""Directories that other users can get to, for servers that refuse to run as root."""

from pathlib import Path
from tempfile import mkdtemp


class Directories:
    """Makes directories in `root`.

    Not in pytest's own, which is closed to all but root each time another run of pytest begins on this machine.
    """

    def __init__(self, root: Path) -> None:
        root.chmod(0o755)
        self._root = root

    def new(self) -> Path:
        """Return an empty directory."""
        path = Path(mkdtemp(dir=self._root))
        path.chmod(0o755)
        return path
