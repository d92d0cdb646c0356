"""The time to read, check and write lvs.cf, as a whole and after a change of one line."""

import gc
import time
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

from app.lvs.desired.table import ServiceCache, desired
from app.lvs.grammar.reader import ConfigReader
from app.lvs.grammar.writer import Writer
from app.lvs.keywords.table import added
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.values import Floating
from app.lvs.rules.rulebook import ProblemCache as RulesMemory
from app.lvs.rules.rulebook import check
from bench.figures import OURS, Figures

SIZES = (100, 300, 1000)
SERVERS = 10
RUNS = 5

Case = Callable[[], object]


def config_of(size: int) -> Config:
    """Return a configuration of `size` active virtual servers with ten real servers each."""
    virtual = tuple(_virtual(number) for number in range(size))
    return Config(**{**added(BlockKind.GLOBAL), "serial_no": 1}, virtual=virtual)


def _virtual(number: int) -> VirtualServer:
    values = added(BlockKind.VIRTUAL) | {
        "address": Floating(IPv4Address("10.1.0.0") + number, "eth0:1"),
        "active": True,
    }
    servers = (_server(number, place) for place in range(SERVERS))
    return VirtualServer(name=f"service{number}", **values, server=tuple(servers))


def _server(number: int, place: int) -> RealServer:
    values = added(BlockKind.SERVER) | {
        "address": IPv4Address("10.2.0.0") + number * SERVERS + place,
        "active": True,
    }
    return RealServer(name=f"server{place}", **values)


def with_one_weight_changed(config: Config, weight: int) -> Config:
    """Return `config` with another weight for one server in the middle."""
    middle = len(config.virtual) // 2
    virtual = config.virtual[middle]
    server = replace(virtual.server[0], weight=weight)
    changed = replace(virtual, server=(server, *virtual.server[1:]))
    return replace(config, virtual=(*config.virtual[:middle], changed, *config.virtual[middle + 1 :]))


def cases(size: int) -> dict[str, Case]:
    """Return the measured functions at `size`, by name."""
    config = config_of(size)
    text = Writer().render(config)
    other = Writer().render(with_one_weight_changed(config, 7))
    reader, writer = ConfigReader(), Writer()
    rules = RulesMemory()
    memory = ServiceCache()
    read = reader.read(text).config
    if read is None:
        raise AssertionError("the written configuration is not read back")
    turns = {"read": False, "write": 0}

    def read_again() -> object:
        turns["read"] = not turns["read"]
        return reader.read(other if turns["read"] else text)

    def change() -> Config:
        turns["write"] += 1
        return with_one_weight_changed(read, turns["write"])

    return {
        "read": lambda: ConfigReader().read(text),
        "read again, one line changed": read_again,
        "write": lambda: Writer().render(config),
        "write again, one weight changed": lambda: writer.render(change()),
        "check": lambda: check(config),
        "check again, one weight changed": lambda: check(change(), memory=rules),
        "compute the desired table": lambda: desired(config),
        "compute the desired table again, one weight changed": lambda: desired(change(), memory=memory),
    }


def measured_ms(case: Case) -> list[float]:
    """Return the times of several calls, after one that is not counted."""
    case()
    gc.collect()
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        case()
        times.append((time.perf_counter() - begun) * 1000)
    return times


def reading_and_writing(figures: Figures) -> None:
    """Measure each case at each size, on the host."""
    for size in SIZES:
        for name, case in cases(size).items():
            figures.add(f"lvs.cf, on the host: {name}", size, OURS, measured_ms(case))
