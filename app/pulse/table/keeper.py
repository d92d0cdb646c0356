"""What was done to the table, as ipvsadm commands in the log."""

import logging
from collections.abc import Sequence

COMMANDS_LOGGED = 200
"""Of one change: who starts with ten thousand servers does not want to wait for ten thousand lines."""

log = logging.getLogger("pulse")


def log_commands(commands: Sequence[str]) -> None:
    """Log what was done to the table; of a whole new table, how much it was."""
    for command in commands[:COMMANDS_LOGGED]:
        log.info("%s", command)
    if len(commands) > COMMANDS_LOGGED:
        log.info("and %d more", len(commands) - COMMANDS_LOGGED)
