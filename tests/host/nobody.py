"""Runs a piece of a test without root's rights, in a child process."""

import os
from collections.abc import Callable

_NOBODY = 65534


def as_nobody(piece: Callable[[], object]) -> str:
    """Return what `piece` returns, or the message of what it raises, as text."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(piece, writing)
    os.close(writing)
    with open(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return text


def _answer(piece: Callable[[], object], writing: int) -> None:
    try:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
        os.write(writing, str(piece()).encode())
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent is to see it
        os.write(writing, str(error).encode())
    finally:
        os._exit(0)
