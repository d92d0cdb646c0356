"""Who runs a command on the machine, as the history and the tokens name them."""

import getpass
import os


def author() -> str:
    """Return the name of the user this process runs as."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A user without an account, as in a container.
        return f"user {os.getuid()}"
