"""A stand-in for systemd's command: a script that notes what it was asked and says what it was told to."""

from pathlib import Path

import pytest

from app.host import systemd_units


class Systemctl:
    """Takes the place of systemctl for a test, on a machine that then seems to run systemd."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        names = ("answer", "refusal", "broken", "asked")
        self._answer, self._refusal, self._broken, self._log = (directory / name for name in names)
        command = directory / "systemctl"
        command.write_text(
            f'#!/bin/sh\necho "$*" >>{self._log}\n'
            f'if [ "$1" != show ] && [ -s {self._refusal} ]; then cat {self._refusal} >&2; exit 1; fi\n'
            f"if [ -s {self._broken} ]; then cat {self._broken} >&2; exit 1; fi\ncat {self._answer}\n"
        )
        command.chmod(0o755)
        self.says("")
        monkeypatch.setattr(systemd_units, "BOOTED", directory)
        monkeypatch.setattr(systemd_units, "COMMAND", (str(command),))

    def says(self, text: str) -> None:
        """Let it print `text` and be content."""
        self._answer.write_text(f"{text}\n")

    def refuses(self, text: str) -> None:
        """Let it fail with `text`, whatever it is asked."""
        self._broken.write_text(f"{text}\n")

    def refuses_acts(self, text: str) -> None:
        """Let it fail with `text` where it is to do something; looking is for everybody."""
        self._refusal.write_text(f"{text}\n")

    @property
    def asked(self) -> list[str]:
        """What it was called with so far."""
        return self._log.read_text().splitlines()
