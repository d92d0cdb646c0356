"""Rules about the names of interfaces, and about the labels that addresses get from them."""

from ipaddress import ip_address
from typing import Any

import pytest

from app.lvs.model.config import Config
from app.lvs.model.problem import Problem, Severity
from app.lvs.model.values import Floating, Network
from app.lvs.rules.rulebook import check
from tests.lvs.samples import config, server, virtual

LONGEST = "enp129s0f0np0ab"


def found(changed: Config) -> list[Problem]:
    return [problem for problem in check(changed) if "alias part" not in problem.message]


def on(device: str, address: str = "192.0.2.1") -> Config:
    good = server() if "." in address else server(address=ip_address("2001:db8::11"))
    return config(virtual(address=Floating(ip_address(address), device), server=(good,), vip_nmask=None))


@pytest.mark.parametrize("device", ["eth0", "eth0:1", LONGEST, "enp129s0f0np0:1", "e:" + "1" * 13, "bond0.4094:1"])
def test_a_name_and_a_label_the_kernel_takes_have_no_problem(device: str) -> None:
    assert found(on(device)) == []


@pytest.mark.parametrize(
    "device",
    ["enp129s0f0np0:100", f"{LONGEST}:1", "eth0:12345678901", "eth0:backup-of-the-mail-server", "größe0:1234567"],
)
def test_a_label_that_is_too_long_is_left_out_with_a_warning(device: str) -> None:
    [problem] = found(on(device))
    assert (problem.severity, problem.path) == (Severity.WARNING, ("virtual", 0, "address", "device"))
    assert "is brought up without a label" in problem.message
    assert f"at most {15 - len(device.partition(':')[0].encode()) - 1} for the alias" in problem.message or (
        "no room for an alias" in problem.message
    )


def test_an_ipv6_address_has_no_label_that_could_be_too_long() -> None:
    assert found(on("enp129s0f0np0:100", "2001:db8::100")) == []


def test_the_nat_router_is_judged_alike() -> None:
    router = Floating(ip_address("10.0.0.1"), "enp129s0f0np0:100")
    [problem] = found(config(network=Network.NAT, nat_router=router))
    assert (problem.severity, problem.path) == (Severity.WARNING, ("nat_router", "device"))


@pytest.mark.parametrize(
    "device",
    [f"{LONGEST}c", f"{LONGEST}c:1", "größenordnung0:1", "a/b", "a b", ":1", ".", "..", ".:1", "", "a\tb:1"],
)
def test_a_name_no_interface_can_have_is_refused(device: str) -> None:
    assert any(
        problem.severity is Severity.ERROR and problem.path == ("virtual", 0, "address", "device")
        for problem in found(on(device))
    )


@pytest.mark.parametrize(
    ("key", "severity"), [("check_interface", Severity.ERROR), ("syncd_iface", Severity.WARNING)]
)
@pytest.mark.parametrize("name", [f"{LONGEST}c", "größenordnung0", "a/b", "eth0:1", ".."])
def test_the_other_names_of_interfaces_have_the_same_limit(key: str, severity: Severity, name: str) -> None:
    changed: dict[str, Any] = {key: name}
    judged = config(virtual(**changed)) if key == "check_interface" else _synced(name)
    assert [problem.severity for problem in found(judged) if problem.path[-1] == key] == [severity]


def _synced(name: str) -> Config:
    own = {"primary": ip_address("192.0.2.2"), "backup": ip_address("192.0.2.3")}
    return config(backup_active=True, syncdaemon=True, syncd_iface=name, **own)
