"""The command line: each command it offers has a function that runs it."""

import io
import re
from contextlib import redirect_stderr, suppress

import pytest

from app.cli import command_function, command_line


def commands() -> list[str]:
    said = io.StringIO()
    with redirect_stderr(said), suppress(SystemExit):
        command_line().parse_args(["no such command"])
    return re.findall(r"'([\w-]+)'", said.getvalue().partition("choose from")[2])


@pytest.mark.parametrize("name", commands())
def test_each_command_has_a_function(name: str) -> None:
    assert callable(command_function(name))


def test_no_argument_is_an_error_of_the_command_line() -> None:
    with pytest.raises(SystemExit) as ended:
        command_line().parse_args([])
    assert ended.value.code == 2
