"""The exit codes of `palometa`, the same for every command."""

import enum


class ExitCode(enum.IntEnum):
    """DONE: as asked. FAILED: refused or impossible; standard error says why. DIFFERS: the kernel is not equal
    to the configuration (`plan`: before; `apply`, `status`: still). 2 is argparse's, for a wrong command line.
    """

    DONE = 0
    FAILED = 1
    DIFFERS = 3
