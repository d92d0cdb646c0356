"""The exit codes of `palometa`, the same for every command."""

import enum


class ExitCode(enum.IntEnum):
    """DONE: success. FAILED: refused or failed, with the reason on standard error. DIFFERS: the kernel differs
    from the configuration (`plan`: changes are needed; `apply`, `status`: some could not be made). argparse exits
    with 2 for an invalid command line.
    """

    DONE = 0
    FAILED = 1
    DIFFERS = 3
