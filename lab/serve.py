"""`make run` on a machine whose own kernel has IPVS: pulse and the web part on this machine, until Ctrl-C.

`python -m lab.serve`, as root. State is in ./var of the clone; sockets in /run/palometa.
"""

import os
import sys
from pathlib import Path

from lab.daemons import run_together, stop_on_signals
from lab.inside import CLONE
from lab.installation import Installation


def main() -> int:
    """Run until stopped; return 1 if a process ended on its own."""
    installation = Installation(
        command=CLONE / ".venv/bin/palometa",
        directory=CLONE / "var",
        runtime_directory=Path("/run/palometa"),
    )
    installation.require_readable()
    installation.prepare()
    print(f"Running on this machine's own kernel, {os.uname().release}. Press Ctrl-C to stop.", flush=True)
    with stop_on_signals():
        environment = installation.environment(os.environ)
        commands = {"pulse": installation.pulse, "web": installation.web}
        if installation.has_partner(os.environ):
            commands["partner"] = installation.partner
        return run_together(commands, environment)
    return 0


if __name__ == "__main__":
    sys.exit(main())
