"""Where pulse spends the time of adopting a right table: `python -m bench.adopting LVS_CF`, run by `keeping.py`.

Does what `Daemon._apply` in `app/pulse/daemon.py` does, with the same objects, in a process as new as pulse is
then. Prints the milliseconds of each step as JSON. Besides, it reads the table once more: the first time touches
memory for the first time, which is dear in the embedded kernel.
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
from app.lvs.desired.table import desired
from app.lvs.grammar.reader import parse
from app.lvs.health.judge import HealthJudge
from app.pulse.addresses.keeper import AddressKeeper
from app.pulse.events.file import EventFile
from app.pulse.events.log import EventLog
from app.pulse.process.owned import OwnedState
from app.pulse.table.keeper import TableKeeper
from app.pulse.table.sysctls import Sysctls, set_timeouts

ADOPTING = "steps of adopting a right table"
AGAIN = "for comparison: reading the table once more"


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
    with IPVS() as ipvs, AddressKeeper(Addresses(), memory, EventLog(EventFile(directory))) as addresses:
        keeper = TableKeeper(ipvs, memory)
        at = time.perf_counter()
        keeper.read_all()
        end("reading the table")
        judgement.apply_config(config, keeper.table, time.monotonic(), time.time())
        end("which servers are checked and judged")
        keeper.wanted = desired(config, {}, judgement.health)
        end("what the kernel is to hold")
        outcome = await keeper.converge()
        assert not outcome.commands, outcome.commands[:3]  # noqa: S101 - else it is not what is measured
        end("comparing it, and remembering what is ours")
        addresses.apply_config(config)
        set_timeouts(ipvs, config)
        await addresses.converge()
        end("the virtual IPs: they are there")
        switches = Sysctls()
        switches.apply_config(config)
        tuple(switches.converge())
        end("the kernel's switches")
        memory.remember_good(data)
        end("keeping the file as the last good one")
        keeper.read_all()
        end(AGAIN)
    return done


def main(lvs_cf: str) -> None:
    """Do the steps, and print what they cost."""
    with tempfile.TemporaryDirectory(prefix="bench") as name, without_collecting():
        print(json.dumps(asyncio.run(adopt(Path(lvs_cf).read_bytes(), Path(name)))))


if __name__ == "__main__":
    main(sys.argv[1])
