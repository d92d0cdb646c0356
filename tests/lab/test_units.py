"""The systemd units: they are valid, and grant only the necessary privileges."""

import os
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

from lab.cluster import CLONE

UNITS = CLONE / "systemd"
PROGRAM = "/opt/palometa/.venv/bin/palometa"
TARGETS = ("sysinit", "basic", "shutdown", "network", "network-online", "multi-user")
"""What every unit of systemd is ordered after or before."""


def settings_of(unit: str) -> dict[str, str]:
    read = RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string((UNITS / unit).read_text())
    return dict(read["Service"])


@pytest.mark.parametrize("unit", ["palometa-pulse.service", "palometa-web.service", "palometa-partner.service"])
def test_systemd_finds_nothing_wrong(tmp_path: Path, unit: str) -> None:
    text = (UNITS / unit).read_text()
    assert PROGRAM in text
    # systemd verifies that the program exists.
    (tmp_path / unit).write_text(text.replace(PROGRAM, str(CLONE / ".venv/bin/palometa")))
    for target in TARGETS:
        (tmp_path / f"{target}.target").write_text("[Unit]\n")
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit)]
    # These units alone: those of other packages on this machine may have warnings of their own.
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": str(tmp_path)}
    judged = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (judged.returncode, judged.stderr) == (0, "")


def test_pulse_has_its_two_capabilities_and_the_web_part_none() -> None:
    pulse, web = settings_of("palometa-pulse.service"), settings_of("palometa-web.service")
    assert pulse["AmbientCapabilities"] == pulse["CapabilityBoundingSet"] == "CAP_NET_ADMIN CAP_NET_RAW"
    assert (web["CapabilityBoundingSet"], "AmbientCapabilities" in web) == ("", False)
    assert pulse["User"] != web["User"]
    assert pulse["Group"] == web["Group"]


def test_the_partner_link_has_the_privileges_of_the_web_part() -> None:
    web, partner = settings_of("palometa-web.service"), settings_of("palometa-partner.service")
    assert {name for name in web if web[name] != partner[name]} == {"ExecStart"}


def test_a_restart_preserves_the_runtime_directory_of_pulse() -> None:
    assert settings_of("palometa-pulse.service")["RuntimeDirectoryPreserve"] == "yes"
