"""Two schedulers are loaded before the kernel would load them, which may hang it."""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from pathlib import Path
from subprocess import run

import pytest

from app.host.ipvs import scheduler_modules
from app.host.ipvs.scheduler_modules import load_ahead
from app.host.ipvs.table import IPVS
from app.lvs.ipvs.plan import AddService
from app.lvs.ipvs.table import Family, Service, ServiceKey, Transport
from tests.host.namespace import own_network


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """What modprobe is asked, by a program of its name that writes it down and loads nothing."""
    record = tmp_path / "asked"
    program = tmp_path / "modprobe"
    program.write_text(f'#!/bin/sh\necho "$@" >>{record}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    scheduler_modules._load.cache_clear()
    yield lambda: record.read_text().splitlines() if record.exists() else []
    scheduler_modules._load.cache_clear()


def test_those_that_register_with_namespaces_are_loaded_once(
    asked: Callable[[], list[str]], tmp_path: Path
) -> None:
    for scheduler in ("rr", "lblcr", "lblc", "lblcr", "x; reboot"):
        load_ahead(scheduler, tmp_path / "none")
    assert asked() == ["--quiet ip_vs_lblcr", "--quiet ip_vs_lblc"]


def test_one_that_is_loaded_is_left_alone(asked: Callable[[], list[str]], tmp_path: Path) -> None:
    (tmp_path / "ip_vs_lblcr").mkdir()
    load_ahead("lblcr", tmp_path)
    assert asked() == []


@pytest.mark.kernel
def test_a_service_is_added_only_then(asked: Callable[[], list[str]]) -> None:
    if run(["/usr/sbin/rmmod", "ip_vs_lblcr"], check=False, capture_output=True).returncode:
        pytest.skip("ip_vs_lblcr is in use")
    key = ServiceKey(Family.IPV4, Transport.TCP, IPv4Address("192.0.2.1"), 80)
    with own_network(), IPVS() as ipvs:
        (applied,) = ipvs.apply([AddService(Service(key, "lblcr"))])
        assert (applied.done, set(ipvs.read()[0])) == (1, {key})
    assert asked() == ["--quiet ip_vs_lblcr"]
