"""`palometa check` warns of what this machine has under another name, and of IPv6 that it does not have."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import main
from tests.host.namespace import own_network
from tests.pulse.addresses.veth import ip, plug_in

pytestmark = pytest.mark.kernel

TEXT = """serial_no = 1
network = direct
virtual six {{
     active = 1
     address = 2001:db8::100 {device}
     port = 80
}}
virtual four {{
     active = 1
     address = 192.0.2.100 {device}:1
     port = 80
}}
"""


@pytest.fixture(autouse=True)
def _eth0() -> Iterator[None]:
    with own_network():
        plug_in()
        yield


def checked(file: Path, device: str, capsys: pytest.CaptureFixture[str]) -> str:
    file.write_text(TEXT.format(device=device))
    assert main(["check", str(file)]) == 0
    return capsys.readouterr().out


def test_an_interface_by_its_name_and_one_of_another_machine_are_nothing_to_warn_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for device in ("eth0", "bond7"):
        out = checked(tmp_path / "lvs.cf", device, capsys)
        assert "another name" not in out
        assert "IPv6" not in out


def test_an_interface_by_its_other_name_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ip("link property add dev eth0 altname enp3s0")
    out = checked(tmp_path / "lvs.cf", "enp3s0", capsys)
    assert ":5:6: warning: The device enp3s0 is another name of eth0 on this machine" in out
    assert out.count("another name of eth0") == 2


def test_ipv6_that_is_switched_off_is_said_with_the_sysctl(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Path("/proc/sys/net/ipv6/conf")
    (settings / "eth0/disable_ipv6").write_text("1\n")
    out = checked(tmp_path / "lvs.cf", "eth0", capsys)
    assert "2001:db8::100 cannot be served by this machine: IPv6 is switched off on eth0 by" in out
    assert "net.ipv6.conf.eth0.disable_ipv6 = 1" in out
    (settings / "all/disable_ipv6").write_text("1\n")
    assert "net.ipv6.conf.all.disable_ipv6 = 1" in checked(tmp_path / "lvs.cf", "eth0", capsys)


DIRECT = """serial_no = 1
network = direct
virtual four {
     active = 1
     address = 192.0.2.100 eth0:1
     vip_nmask = 255.255.255.0
     port = 80
     server one {
         address = 192.0.2.11
         active = 1
     }
}
"""
FROM_THE_VIRTUAL_IP = "Checks of 192.0.2.11 leave from the virtual IP 192.0.2.100 itself"


def test_checks_that_no_server_can_answer_are_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "lvs.cf"
    ip("address flush dev eth0")
    for is_up in (False, True):
        if is_up:
            ip("address add 192.0.2.100/24 dev eth0 label eth0:1")
        file.write_text(DIRECT)
        assert main(["check", str(file)]) == 0
        assert f"warning: {FROM_THE_VIRTUAL_IP}" in capsys.readouterr().out
    file.write_text(DIRECT.replace("eth0", "bond7"))
    assert main(["check", str(file)]) == 0
    assert FROM_THE_VIRTUAL_IP not in capsys.readouterr().out
    ip("address add 192.0.2.2/24 dev eth0")
    file.write_text(DIRECT)
    assert main(["check", str(file)]) == 0
    assert FROM_THE_VIRTUAL_IP not in capsys.readouterr().out
