"""Against the real kernel, in a network namespace of its own."""

import pytest

from app.host.sysctl import Sysctl, is_on, promotes_secondaries, switch_on

from .network import own_network
from .nobody import as_nobody

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize("sysctl", Sysctl)
def test_a_switch_is_on_after_it_was_switched_on(sysctl: Sysctl) -> None:
    with own_network():
        _write(sysctl, "0")
        assert not is_on(sysctl)
        assert switch_on(sysctl)
        assert is_on(sysctl)
        assert not switch_on(sysctl)


def test_an_interface_that_is_not_there_promotes_as_all_do() -> None:
    with own_network():
        with open("/proc/sys/net/ipv4/conf/all/promote_secondaries", "w") as file:
            file.write("0")
        assert not promotes_secondaries("bond7")


def test_a_switch_that_cannot_be_set_is_named_with_the_command() -> None:
    with own_network():
        _write(Sysctl.IPV4_FORWARDING, "0")
        said = as_nobody(lambda: switch_on(Sysctl.IPV4_FORWARDING))
    assert "this process may not write to /proc/sys" in said
    assert "run 'sysctl -w net.ipv4.ip_forward=1' as root" in said


def _write(sysctl: Sysctl, text: str) -> None:
    with open("/proc/sys/" + sysctl.replace(".", "/"), "w") as file:
        file.write(text)
