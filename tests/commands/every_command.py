"""The names of all commands, as the command line itself gives them."""

import io
import re
from contextlib import redirect_stderr, suppress

from app.cli import command_line


def command_names() -> list[str]:
    """Return them in the order of its help."""
    said = io.StringIO()
    with redirect_stderr(said), suppress(SystemExit):
        command_line().parse_args(["no such command"])
    return re.findall(r"'([\w-]+)'", said.getvalue().partition("choose from")[2])
