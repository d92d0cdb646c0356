"""The systemd units: they are valid, and grant only the necessary privileges."""

import os
import subprocess
from pathlib import Path

import pytest

from lab.cluster import CLONE

UNITS = CLONE / "systemd"
PROGRAM = "/opt/palometa/.venv/bin/palometa"
EXPOSURE_MAX = {"palometa-web.service": 1.5, "palometa-partner.service": 1.5, "palometa-pulse.service": 2.5}
"""The most `systemd-analyze security` may find, from 0 (nothing) to 10."""
EVERY_UNIT = sorted(EXPOSURE_MAX)
TARGETS = ("sysinit", "basic", "shutdown", "network", "network-online", "multi-user")
"""What every unit of systemd is ordered after or before."""


def settings_of(unit: str) -> dict[str, str]:
    """Return the settings of `unit`; what is set several times, such as a filter, is joined by blanks."""
    found: dict[str, str] = {}
    service = (UNITS / unit).read_text().partition("[Service]\n")[2].partition("\n[")[0]
    for line in service.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name] = f"{found[name]} {value}" if name in found else value
    return found


@pytest.mark.parametrize("unit", EVERY_UNIT)
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


@pytest.mark.parametrize("unit", EVERY_UNIT)
def test_a_unit_is_no_more_exposed_than_it_has_to_be(unit: str) -> None:
    threshold = round(EXPOSURE_MAX[unit] * 10)
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", f"--threshold={threshold}"]
    judged = subprocess.run([*command, str(UNITS / unit)], capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout.splitlines()[-1]


@pytest.mark.parametrize("unit", EVERY_UNIT)
def test_each_unit_has_limits_of_its_own(unit: str) -> None:
    """Memory and tasks are those of a unit's own control group: none has a slice that it shares with another."""
    settings = settings_of(unit)
    assert settings["MemoryMax"] in ("1G", "2G")
    assert 0 < int(settings["TasksMax"]) <= 2048
    assert "Slice" not in settings
    assert settings["Restart"] == "on-failure"


@pytest.mark.parametrize("unit", EVERY_UNIT)
def test_each_unit_sees_no_process_of_others_and_leaves_nothing_behind(unit: str) -> None:
    settings = settings_of(unit)
    assert (settings["ProtectProc"], settings["RemoveIPC"], settings["PrivateMounts"]) == (
        "invisible",
        "yes",
        "yes",
    )


@pytest.mark.parametrize("unit", ["palometa-web.service", "palometa-partner.service"])
def test_what_faces_the_network_runs_no_code_it_has_written(unit: str) -> None:
    settings = settings_of(unit)
    assert settings["MemoryDenyWriteExecute"] == "yes"
    assert settings["ProcSubset"] == "pid"
    assert settings["SystemCallFilter"] == "@system-service ~@privileged @resources fchown"


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
