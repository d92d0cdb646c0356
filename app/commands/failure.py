"""The exception that ends a command with an error message."""


class CommandFailed(Exception):
    """The command failed; the message says what was found and what to do."""
