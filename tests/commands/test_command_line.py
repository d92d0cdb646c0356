"""The command line: each command it offers has a function that runs it."""

import argparse

import pytest

from app.cli import command_function, command_line


def commands() -> list[str]:
    [parsers] = [action for action in command_line()._actions if isinstance(action, argparse._SubParsersAction)]
    return sorted(parsers.choices)


@pytest.mark.parametrize("name", commands())
def test_each_command_has_a_function(name: str) -> None:
    assert callable(command_function(name))


def test_no_argument_is_an_error_of_the_command_line() -> None:
    with pytest.raises(SystemExit) as ended:
        command_line().parse_args([])
    assert ended.value.code == 2
