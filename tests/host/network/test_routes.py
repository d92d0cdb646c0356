"""The gateways of an interface, as the real kernel has them."""

import subprocess

import pytest

from app.host.network.routes import gateways
from tests.host.segment import segment

pytestmark = pytest.mark.kernel


def test_the_gateways_of_an_interface_are_those_of_its_routes() -> None:
    with segment():
        assert gateways("eth0") == ()
        subprocess.run(["ip", "address", "add", "2001:db8::1/64", "dev", "eth0", "nodad"], check=True)
        for words in (["default"], ["198.51.100.0/24"]):
            subprocess.run(["ip", "route", "add", *words, "via", "192.0.2.2"], check=True)
        subprocess.run(["ip", "-6", "route", "add", "default", "via", "2001:db8::2"], check=True)
        assert [str(gateway) for gateway in gateways("eth0")] == ["192.0.2.2", "2001:db8::2"]
        assert gateways("lo") == ()
