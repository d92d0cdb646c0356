"""Runs pulse's rounds on a kernel without IPv6, and prints what is there and what is not."""

import asyncio
import contextlib
import io
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from app.cli import main
from tests.host.namespace import own_network
from tests.pulse.addresses.veth import plug_in
from tests.pulse.reconciling import running

LVS_CF = """serial_no = 1
network = direct
virtual six {
     active = 1
     address = 2001:db8::100 eth0
     port = 80
}
"""


async def rounds(directory: Path) -> list[object]:
    found: list[object] = []
    async with running(directory) as pulse:
        for _ in range(2):
            await pulse.round()
            found.append([sorted(pulse.services()), sorted(pulse.up()), pulse.remained, pulse.trouble])
    return found


def checked(directory: Path) -> str:
    file = directory / "lvs.cf"
    file.write_text(LVS_CF)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        main(["check", str(file)])
    return out.getvalue()


if __name__ == "__main__":
    with TemporaryDirectory() as name, own_network():
        plug_in()
        found = {"rounds": asyncio.run(rounds(Path(name))), "check": checked(Path(name))}
    sys.stdout.write(f"{json.dumps(found)}\n")
