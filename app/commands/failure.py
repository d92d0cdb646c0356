"""How a command gives up: with a sentence."""


class CommandFailed(Exception):
    """The command cannot be done; the message says what was found and what to do."""
