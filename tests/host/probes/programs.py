"""Programs for checks, in a directory as root would have it."""

import time
from pathlib import Path

import pytest


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory for programs, which the user they run as can get to."""
    for parent in (tmp_path, *tmp_path.parents):
        if parent.is_relative_to("/tmp") and parent != Path("/tmp"):
            parent.chmod(0o755)
    return tmp_path


def put(directory: Path, text: str, name: str = "probe") -> Path:
    path = directory / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def alive(word: str) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        found = [
            path
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if word in _text(path).split("\0") and _text(path.with_name("stat")).split(") ")[-1][:1] != "Z"
        ]
        if not found:
            return False
        time.sleep(0.02)
    return True


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
