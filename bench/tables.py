"""One table of services in the format of each contender: lvs.cf, keepalived.conf, ipvsadm rules."""

from collections.abc import Iterator
from dataclasses import replace

from app.lvs.desired.table import desired
from app.lvs.grammar.writer import Writer
from app.lvs.ipvs.ipvsadm import saved
from app.lvs.ipvs.table import Service
from app.lvs.model.check_kinds import CheckKind
from app.lvs.model.config import Config
from bench.lvs_cf import config_of

FIRST_PORT = 1000


def table_of(size: int, check: CheckKind = CheckKind.NONE, interval_s: int = 1) -> Config:
    """Return `size` virtual servers of ten real servers each, in direct routing, checked by `check`."""
    config = config_of(size)
    virtual = (
        replace(virtual, check=check, send=None, expect=None, timeout=interval_s, check_status=None)
        for virtual in config.virtual
    )
    return replace(config, virtual=tuple(virtual))


def with_weight(config: Config, weight: int) -> Config:
    """Return `config` with another weight for every server."""
    virtual = (
        replace(virtual, server=tuple(replace(server, weight=weight) for server in virtual.server))
        for virtual in config.virtual
    )
    return replace(config, virtual=tuple(virtual))


def with_one_address(config: Config) -> Config:
    """Return `config` with all services on the first virtual IP, each on a port of its own."""
    first = config.virtual[0]
    virtual = (
        replace(virtual, address=first.address, port=FIRST_PORT + number)
        for number, virtual in enumerate(config.virtual)
    )
    return replace(config, virtual=tuple(virtual))


def middle(config: Config) -> Service:
    """Return the service whose weight `with_one_weight_changed` changes, as it should be in the kernel."""
    return list(desired(config).values())[len(config.virtual) // 2]


def lvs_cf(config: Config) -> bytes:
    """Return `config` as lvs.cf."""
    return Writer().render(config)


def rules(config: Config) -> str:
    """Return `config` as ``ipvsadm -R`` takes it."""
    return "".join(f"{line}\n" for line in saved(desired(config)))


def keepalived_conf(config: Config, check: str = "") -> str:
    """Return `config` as keepalived.conf; `check` is the checker of each real server."""
    return "\n".join(_keepalived_lines(config, check)) + "\n"


def ldirectord_cf(config: Config, check: str) -> str:
    """Return `config` as ldirectord.cf; `check` is the check section of each virtual server."""
    lines = ["checkinterval=1", "checktimeout=1", "quiescent=no", "autoreload=no"]
    for virtual in config.virtual:
        assert virtual.address is not None  # noqa: S101 - made so
        lines.append(f"virtual={virtual.address.address}:80")
        lines += [f"\treal={server.address}:80 gate 1" for server in virtual.server]
        lines += ["\tscheduler=wlc", "\tprotocol=tcp", check]
    return "\n".join(lines) + "\n"


def _keepalived_lines(config: Config, check: str) -> Iterator[str]:
    yield "global_defs {\n}"
    for virtual in config.virtual:
        assert virtual.address is not None  # noqa: S101 - made so
        yield f"virtual_server {virtual.address.address} 80 {{"
        yield " delay_loop 1\n lb_algo wlc\n lb_kind DR\n protocol TCP"
        for server in virtual.server:
            yield f" real_server {server.address} 80 {{\n  weight {server.weight}\n  {check}\n }}"
        yield "}"
