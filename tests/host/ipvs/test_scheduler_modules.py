"""Two schedulers are loaded before the kernel would load them, which may hang it."""

from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class RecordedModprobe:
    """A program of that name, found before the real one, that writes down what it is asked."""

    program: Path

    def put(self, then: str = "") -> None:
        self.program.write_text(f'#!/bin/sh\necho "$@" >>{self.program}.asked\n{then}\n')
        self.program.chmod(0o755)

    def asked(self) -> list[str]:
        record = self.program.with_name("modprobe.asked")
        return record.read_text().splitlines() if record.exists() else []


@pytest.fixture
def modprobe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordedModprobe]:
    """One that does nothing else."""
    recorded = RecordedModprobe(tmp_path / "modprobe")
    recorded.put()
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    scheduler_modules.load_once.cache_clear()
    yield recorded
    scheduler_modules.load_once.cache_clear()


def test_those_that_register_with_namespaces_are_loaded_once(modprobe: RecordedModprobe, tmp_path: Path) -> None:
    for scheduler in ("rr", "lblcr", "lblc", "lblcr", "x; reboot"):
        load_ahead(scheduler, tmp_path / "none")
    assert modprobe.asked() == ["--quiet ip_vs_lblcr", "--quiet ip_vs_lblc"]


def test_one_that_is_loaded_is_left_alone(modprobe: RecordedModprobe, tmp_path: Path) -> None:
    (tmp_path / "ip_vs_lblcr").mkdir()
    load_ahead("lblcr", tmp_path)
    assert modprobe.asked() == []


@pytest.mark.kernel
def test_a_service_is_added_only_then(modprobe: RecordedModprobe) -> None:
    # And carries it out: the kernel must not load it here either.
    modprobe.put('PATH=${PATH#*:}; exec modprobe "$@"')
    if run(["/usr/sbin/rmmod", "ip_vs_lblcr"], check=False, capture_output=True).returncode:
        pytest.skip("ip_vs_lblcr is in use")
    key = ServiceKey(Family.IPV4, Transport.TCP, IPv4Address("192.0.2.1"), 80)
    with own_network(), IPVS() as ipvs:
        (applied,) = ipvs.apply([AddService(Service(key, "lblcr"))])
        assert (applied.done, set(ipvs.read()[0])) == (1, {key})
    assert modprobe.asked() == ["--quiet ip_vs_lblcr"]
