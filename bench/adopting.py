"""Measures the steps of adopting a correct table: `python -m bench.adopting LVS_CF`, run by `keeping.py`.

Does what `Daemon._apply` in `app/pulse/daemon.py` does, with the same objects, in a new process like that of
pulse. Prints the milliseconds of each step as JSON. It also reads the table a second time: the first time touches
new memory, which is expensive in the embedded kernel.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from app.host.gc_tuning import without_collecting
from app.host.ipvs.table import IPVS
from app.host.network.addresses import Addresses
from app.host.network.interfaces import Interfaces
from app.lvs.desired.table import ServiceCache, desired
from app.lvs.grammar.reader import parse
from app.lvs.health.judge import HealthJudge
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.events.file import EventFile
from app.pulse.events.log import EventLog
from app.pulse.process.owned import OwnedState
from app.pulse.table.keeper import TableKeeper
from app.pulse.table.sysctls import ConnectionTimeouts, Sysctls

ADOPTING = "steps of adopting a correct table"
AGAIN = "for comparison: reading the table again"


async def adopt(data: bytes, directory: Path) -> dict[str, float]:
    """Do the steps; return the milliseconds of each."""
    done: dict[str, float] = {}
    at = time.perf_counter()

    def end(step: str) -> None:
        nonlocal at
        now = time.perf_counter()
        done[step] = (now - at) * 1000
        at = now

    config = parse(data).config
    assert config is not None  # noqa: S101 - written by us
    memory, judgement = OwnedState(directory), HealthJudge()
    events = EventLog(EventFile(directory))
    with IPVS() as ipvs, AddressKeeper(Addresses(Interfaces()), memory, events) as addresses:
        keeper = TableKeeper(ipvs, memory)
        at = time.perf_counter()
        keeper.read_all()
        end("reading the table")
        judgement.apply_config(config, keeper.table, time.monotonic(), time.time())
        end("setting up checks and health states")
        keeper.wanted = desired(config, ServiceCache(), judgement.health)
        end("computing the desired table")
        outcome = await keeper.converge()
        assert not outcome.commands, outcome.commands[:3]  # noqa: S101 - anything else would measure a change
        end("comparing, and recording owned services")
        await addresses.interfaces.start()
        end("listing the interfaces, including loading pyroute2")
        addresses.apply_config(config)
        timeouts = ConnectionTimeouts()
        timeouts.apply_config(config)
        list(timeouts.converge(ipvs))
        await addresses.converge()
        end("comparing the virtual IPs")
        switches = Sysctls()
        switches.apply_config(config)
        tuple(switches.converge())
        end("sysctls")
        memory.remember_good(data)
        end("saving the file as the last good one")
        keeper.read_all()
        end(AGAIN)
    return done


def main(lvs_cf: str) -> None:
    """Do the steps, and print what they cost."""
    with tempfile.TemporaryDirectory(prefix="bench") as name, without_collecting():
        print(json.dumps(asyncio.run(adopt(Path(lvs_cf).read_bytes(), Path(name)))))


if __name__ == "__main__":
    main(sys.argv[1])
