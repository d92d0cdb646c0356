"""The user that runs a command, as recorded in the history and with API tokens."""

import getpass
import os


def author() -> str:
    """Return the name of the user this process runs as."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # The user ID has no account, as in some containers.
        return f"user {os.getuid()}"
