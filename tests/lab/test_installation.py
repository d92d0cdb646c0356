"""The installation in a clone: file owners, and the privileges of each process."""

import subprocess
import sys
from pathlib import Path

import pytest

from lab.installation import AS_PULSE, AS_WEB, GROUP, PULSE_USER, WEB_USER, Installation

STATUS = [sys.executable, "-c", "print(open('/proc/self/status').read())"]
NET_ADMIN_AND_RAW = "0000000000003000"
NOTHING = "0000000000000000"


def privileges(prefix: tuple[str, ...]) -> dict[str, list[str]]:
    text = subprocess.run([*prefix, *STATUS], capture_output=True, text=True, check=True).stdout
    return {line.split(":")[0]: line.split()[1:] for line in text.splitlines() if line}


@pytest.mark.kernel
def test_the_web_part_has_no_privilege_and_cannot_get_one() -> None:
    status = privileges(AS_WEB)
    assert {status[name][0] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {NOTHING}
    assert (status["Uid"][0], status["Gid"][0], status["NoNewPrivs"]) == (str(WEB_USER), str(GROUP), ["1"])


@pytest.mark.kernel
def test_pulse_has_two_capabilities_and_cannot_get_more() -> None:
    status = privileges(AS_PULSE)
    assert status["CapEff"] == status["CapPrm"] == status["CapBnd"] == [NET_ADMIN_AND_RAW]
    assert (status["Uid"][0], status["Gid"][0], status["NoNewPrivs"]) == (str(PULSE_USER), str(GROUP), ["1"])


@pytest.mark.kernel
def test_only_the_web_part_sees_the_database_and_pulse_reads_lvs_cf_but_cannot_write_it(tmp_path: Path) -> None:
    directory = tmp_path / "palometa"
    installation = Installation(Path("palometa"), directory, directory / "run")
    for parent in (tmp_path, *tmp_path.parents[:-2]):
        parent.chmod(0o755)
    installation.prepare()
    lvs_cf, database = installation.lvs_cf, directory / "state/palometa.db"

    def may(prefix: tuple[str, ...], *command: str) -> bool:
        return subprocess.run([*prefix, *command], capture_output=True, check=False).returncode == 0

    assert may(AS_WEB, "touch", str(lvs_cf), str(database))
    assert may(AS_WEB, "chmod", "0640", str(lvs_cf))
    assert may(AS_PULSE, "cat", str(lvs_cf))
    assert not may(AS_PULSE, "touch", str(lvs_cf))
    assert not may(AS_PULSE, "cat", str(database))
    assert may(AS_PULSE, "touch", str(directory / "run/pulse.sock"))
    assert may(AS_WEB, "test", "-e", str(directory / "run/pulse.sock"))
    assert not may(AS_WEB, "rm", "-f", str(directory / "run/pulse.sock"))


def test_settings_of_the_caller_take_precedence_over_those_of_the_clone() -> None:
    installation = Installation(Path("palometa"), Path("/state"), Path("/run/palometa"))
    environment = installation.environment({"PALOMETA_PORT": "4000", "PALOMETA_LVS_CF": "", "HOME": "/root"})
    assert environment["PALOMETA_PORT"] == "4000"
    assert environment["PALOMETA_LVS_CF"] == "/state/ha/lvs.cf"
    assert environment["HOME"] == "/state/state"


def test_the_partner_link_is_started_if_it_is_configured_or_has_run_before(tmp_path: Path) -> None:
    installation = Installation(Path("palometa"), tmp_path, tmp_path / "run")
    assert not installation.has_partner({})
    assert installation.has_partner({"PALOMETA_PARTNER_ADDRESS": "192.0.2.1"})
    (tmp_path / "state").mkdir()
    (tmp_path / "state/partner.pem").touch()
    assert installation.has_partner({})
    assert installation.partner[-2:] == ["palometa", "partner"]
    assert installation.partner[: len(AS_WEB)] == list(AS_WEB)
