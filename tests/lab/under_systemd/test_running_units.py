"""The units under a real systemd, in a kernel of their own: they start as they are, and their limits hold."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from lab.inside import CLONE
from lab.which_kernel import Kernel, which_kernel

pytestmark = pytest.mark.skipif(
    which_kernel(os.environ) is Kernel.NATIVE, reason="this machine's own systemd is not for tests"
)
WEB, PULSE, PARTNER = "palometa-web", "palometa-pulse", "palometa-partner"
DRIVER = ("/opt/palometa/.venv/bin/python", "-m", "tests.lab.under_systemd.driver")
TABLE = ["-A -t 192.0.2.100:80 -s wlc", "-a -t 192.0.2.100:80 -r 192.0.2.10:80 -g -w 7"]
RUNNING = {"ActiveState": "active", "UnitFileState": "enabled", "NRestarts": "0"}
NET_ADMIN_AND_RAW = f"{1 << 12 | 1 << 13:016x}"
NOTHING = f"{0:016x}"
ALLOWED = {"write lvs.cf's directory", "connect to pulse"}
"""What the web part does all the time: without it, everything might be refused for another reason."""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What `driver` found: one boot for all, in which each part goes on from those before it."""
    inside = [sys.executable, "-m", "lab.inside", "--kernel", "embedded", "--time-limit", "900", "--"]
    ran = subprocess.run(
        [*inside, "lab/systemd-init", *DRIVER], cwd=CLONE, capture_output=True, text=True, check=False, timeout=960
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    whole: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return whole


def assert_same_traffic(found: dict[str, Any], part: str) -> None:
    """The service is the one that was there: the kernel still counts the connection that was made before."""
    after = found[part]["after"]
    assert (after["table"], after["connections"], after["is_up"]) == (TABLE, "1", True)


def assert_same_pulse(found: dict[str, Any], part: str) -> None:
    assert_same_traffic(found, part)
    assert found[part]["after"]["pulse"] == found["start"]["after"]["pulse"]


def test_the_readme_installs_them_and_they_start_as_they_are(found: dict[str, Any]) -> None:
    assert [command.partition("  ")[0] for command in found["install"]["skipped"]] == [
        "cd /opt/palometa && lab/setup run",
        "journalctl -u palometa-web",
    ]
    assert found["start"]["units"] == {WEB: RUNNING, PULSE: RUNNING, PARTNER: RUNNING}


def test_the_journal_has_the_link_that_sets_the_password(found: dict[str, Any]) -> None:
    assert found["start"]["setup_page"] == 200


def test_pulse_programs_the_kernel_and_brings_the_virtual_ip_up(found: dict[str, Any]) -> None:
    assert found["start"]["after"]["table"] == TABLE
    assert found["start"]["after"]["is_up"]


def test_each_process_has_its_user_and_only_the_capabilities_it_needs(found: dict[str, Any]) -> None:
    confined = {"NoNewPrivs": "1", "Seccomp": "2"}
    none = {"user": "palometa", "CapEff": NOTHING, "CapBnd": NOTHING, "CapAmb": NOTHING, **confined}
    two = dict.fromkeys(("CapEff", "CapBnd", "CapAmb"), NET_ADMIN_AND_RAW)
    assert found["start"]["processes"] == {
        WEB: none,
        PARTNER: none,
        PULSE: {"user": "palometa-pulse", **two, **confined},
    }


def test_the_kernel_has_the_limits_of_the_units(found: dict[str, Any]) -> None:
    assert found["start"]["limits"] == {
        WEB: [str(1 << 30), "256"],
        PARTNER: [str(1 << 30), "256"],
        PULSE: [str(2 << 30), "2048"],
    }


def test_a_process_of_the_web_part_is_refused_what_it_does_not_need(found: dict[str, Any]) -> None:
    outcomes = {name: outcome for name, outcome in found["refused"].items() if name != "after"}
    assert {name for name, outcome in outcomes.items() if outcome == "done"} == ALLOWED
    assert outcomes["flush IPVS"] == "EPERM"
    assert outcomes["change IPVS over netlink"] == "EAFNOSUPPORT"
    assert outcomes["see pulse"] == "ENOENT"
    assert {outcomes[name] for name in ("write to /etc", "write to the program")} == {"EROFS"}
    assert_same_pulse(found, "refused")


def test_a_web_part_that_forks_without_end_is_stopped_at_its_limit(found: dict[str, Any]) -> None:
    forks = found["forks"]
    assert (forks["refusal"], forks["page"]) == ("EAGAIN", 200)
    assert 200 < forks["forked"] < 256
    assert forks["times"] > 0
    assert_same_pulse(found, "forks")


def test_a_web_part_that_uses_up_its_memory_loses_a_process_and_nobody_else_does(found: dict[str, Any]) -> None:
    memory = found["memory"]
    assert memory["killed"] > 0
    assert int(memory["events"]["oom_kill"]) > 0
    assert memory["peak"] <= 1 << 30
    assert (memory["page"], memory["is_same_web"]) == (200, True)
    assert memory["units"] == {WEB: RUNNING, PULSE: RUNNING, PARTNER: RUNNING}
    assert_same_pulse(found, "memory")


def test_a_restarted_web_part_changes_no_traffic(found: dict[str, Any]) -> None:
    assert found["restart_web"]["is_new"]
    assert_same_pulse(found, "restart_web")


@pytest.mark.parametrize("part", ["restart_pulse", "crash_pulse"])
def test_a_restarted_or_killed_pulse_finds_its_table_as_it_was(found: dict[str, Any], part: str) -> None:
    assert found[part]["applied"] == 1
    assert found[part]["after"]["pulse"] not in ("0", found["start"]["after"]["pulse"])
    assert_same_traffic(found, part)


def test_a_stopped_pulse_leaves_everything_with_on_stop_keep(found: dict[str, Any]) -> None:
    assert found["stop_keep"]["state"] == "inactive"
    assert_same_traffic(found, "stop_keep")


def test_a_stopped_pulse_takes_everything_with_it_with_on_stop_withdraw(found: dict[str, Any]) -> None:
    stopped = found["stop_withdraw"]
    assert (stopped["state"], stopped["table"], stopped["is_up"]) == ("inactive", [], False)
