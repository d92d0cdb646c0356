"""Configurations in a store, for the tests of the pages."""

from dataclasses import dataclass
from ipaddress import IPv4Address

from app.host.files import atomic_file
from app.lvs.grammar.writer import render
from app.lvs.keywords.table import added
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.values import Floating, Protocol
from app.settings import Settings
from app.store import Store

WEB = VirtualServer(
    name="web",
    active=True,
    address=Floating(IPv4Address("192.168.26.10"), "eth0:1"),
    port=80,
    protocol=Protocol.TCP,
    server=(
        RealServer(name="rs1", address=IPv4Address("192.168.26.21"), active=True, weight=1),
        RealServer(name="rs2", address=IPv4Address("192.168.26.22"), active=True, weight=1),
    ),
)
MAIL = VirtualServer(
    name="mail",
    active=False,
    address=Floating(IPv4Address("192.168.26.11"), "eth0:2"),
    port=25,
    protocol=Protocol.TCP,
    server=(RealServer(name="mx1", address=IPv4Address("192.168.26.31"), active=True, weight=1),),
)


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of what `save_cluster` made."""

    web: int
    rs1: int
    rs2: int
    mail: int


def save(settings: Settings, store: Store, config: Config, author: str = "setup") -> None:
    """Put `config` into the store and lvs.cf; pages that run meanwhile may write it too, so one at a time."""
    with atomic_file.lock(settings.lock_file):
        with store.edit(author) as edit:
            edit.replace(config)
            data = render(edit.config())
            edit.finish("set up", data)
        atomic_file.prepare(settings.lvs_cf, data).publish()


def save_cluster(settings: Settings, store: Store, *virtual: VirtualServer) -> Ids:
    """Put the virtual servers web and mail into the store and lvs.cf, and `virtual` behind them."""
    save(settings, store, Config(**added(BlockKind.GLOBAL), virtual=(WEB, MAIL, *virtual)))
    web, mail = store.snapshot().virtual[:2]
    return Ids(web.id, web.servers[0].id, web.servers[1].id, mail.id)
