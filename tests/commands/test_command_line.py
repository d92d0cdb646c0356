"""The command line: each command it offers has a function that runs it."""

import pytest

from app.cli import command_function, command_line
from tests.commands.every_command import command_names


@pytest.mark.parametrize("name", command_names())
def test_each_command_has_a_function(name: str) -> None:
    assert callable(command_function(name))


def test_no_argument_is_an_error_of_the_command_line() -> None:
    with pytest.raises(SystemExit) as ended:
        command_line().parse_args([])
    assert ended.value.code == 2
