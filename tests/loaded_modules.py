"""Which modules a new Python has loaded after some statements."""

import subprocess
import sys

_LIST = "import sys; print(*sorted(sys.modules), sep='\\n')"
_MARK = "-- modules --"


def loaded_after(statements: str) -> set[str]:
    """Return the names of all modules that are loaded after `statements`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{statements}\nprint('{_MARK}')\n{_LIST}"],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.partition(f"{_MARK}\n")[2].split())


def packages_after(statements: str) -> set[str]:
    """Return the names of the top-level packages that are loaded after `statements`."""
    return {name.partition(".")[0] for name in loaded_after(statements)}
