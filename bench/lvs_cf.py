"""How long lvs.cf takes to read and to write: ``python -m bench.lvs_cf``, called by `make bench`.

Each case at three sizes, the median of five runs, and the exponent with which it grows from the smallest to the
largest: 1.0 is linear.
"""

import gc
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

from app.lvs.config import Config, RealServer, VirtualServer
from app.lvs.desired import Memory, desired
from app.lvs.keyword import Place
from app.lvs.keywords import added
from app.lvs.reading import Reader
from app.lvs.rules import Memory as RulesMemory
from app.lvs.rules import check
from app.lvs.values import Floating
from app.lvs.writing import Writer

SIZES = (100, 300, 1000)
SERVERS = 10
RUNS = 5

Case = Callable[[], object]


def config_of(size: int) -> Config:
    """Return a configuration of `size` active virtual servers with ten real servers each."""
    virtual = tuple(_virtual(number) for number in range(size))
    return Config(**{**added(Place.GLOBAL), "serial_no": 1}, virtual=virtual)


def _virtual(number: int) -> VirtualServer:
    values = added(Place.VIRTUAL) | {
        "address": Floating(IPv4Address("10.1.0.0") + number, "eth0:1"),
        "active": True,
    }
    servers = (_server(number, place) for place in range(SERVERS))
    return VirtualServer(name=f"service{number}", **values, server=tuple(servers))


def _server(number: int, place: int) -> RealServer:
    values = added(Place.SERVER) | {"address": IPv4Address("10.2.0.0") + number * SERVERS + place, "active": True}
    return RealServer(name=f"server{place}", **values)


def with_one_weight_changed(config: Config, weight: int) -> Config:
    """Return `config` with another weight for one server in the middle."""
    middle = len(config.virtual) // 2
    virtual = config.virtual[middle]
    server = replace(virtual.server[0], weight=weight)
    changed = replace(virtual, server=(server, *virtual.server[1:]))
    return replace(config, virtual=(*config.virtual[:middle], changed, *config.virtual[middle + 1 :]))


def cases(size: int) -> dict[str, Case]:
    """Return what is measured at `size`, by name; each call does it once."""
    config = config_of(size)
    text = Writer().render(config)
    other = Writer().render(with_one_weight_changed(config, 7))
    reader, writer = Reader(), Writer()
    rules: RulesMemory = {}
    memory: Memory = {}
    read = reader.read(text).config
    if read is None:
        raise AssertionError("what was written is not read back")
    turns = {"read": False, "write": 0}

    def read_again() -> object:
        turns["read"] = not turns["read"]
        return reader.read(other if turns["read"] else text)

    def change() -> Config:
        turns["write"] += 1
        return with_one_weight_changed(read, turns["write"])

    return {
        "read": lambda: Reader().read(text),
        "read again, one line changed": read_again,
        "write": lambda: Writer().render(config),
        "write again, one weight changed": lambda: writer.render(change()),
        "judge": lambda: check(config),
        "judge again, one weight changed": lambda: check(change(), memory=rules),
        "what the kernel ought to hold": lambda: desired(config),
        "the same again, one weight changed": lambda: desired(change(), memory=memory),
    }


def measured_ms(case: Case) -> float:
    """Return the median time of one call, after one that is not counted."""
    case()
    gc.collect()
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        case()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    figures = {size: {name: measured_ms(case) for name, case in cases(size).items()} for size in SIZES}
    lines = Writer().render(config_of(SIZES[-1])).count(b"\n")
    print(f"lvs.cf with {SERVERS} real servers for each virtual server; {lines} lines at the largest size\n")
    print(f"{'milliseconds':<38}" + "".join(f"{size:>10}" for size in SIZES) + f"{'exponent':>10}")
    for name in figures[SIZES[0]]:
        row = [figures[size][name] for size in SIZES]
        exponent = math.log(row[-1] / row[0]) / math.log(SIZES[-1] / SIZES[0])
        print(f"{name:<38}" + "".join(f"{value:>10.2f}" for value in row) + f"{exponent:>10.2f}")


if __name__ == "__main__":
    main()
