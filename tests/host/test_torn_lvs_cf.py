"""Readers of lvs.cf in processes of their own, while it is replaced again and again: old or new, never a mix."""

import subprocess
import sys
from pathlib import Path

from app.host.files.atomic_file import prepare
from lab.cluster import CLONE

READERS, WRITES = 3, 400
READER = """
import sys
from pathlib import Path
from app.host.files.atomic_file import read
from app.lvs.grammar.reader import parse

path, reads, bad, seen = Path(sys.argv[1]), 0, 0, set()
print("ready", flush=True)
while True:
    data = read(path)
    reads += 1
    seen.add(data[: data.index(b"\\n")])
    # What is equal to the last line's number throughout is one file; the grammar is asked of each hundredth.
    numbers = {word for line in data.split(b"\\n") if line.startswith(b" port") for word in line.split()[2:]}
    whole = data.endswith(b"# the end\\n") and len(numbers) == 1
    if reads % 100 == 0:
        whole = whole and parse(data).config is not None
    bad += not whole
    if b"serial_no = 0\\n" in data:
        break
print(reads, bad, len(seen), flush=True)
"""


def lvs_cf(serial: int, virtuals: int) -> bytes:
    """Return an lvs.cf of `virtuals` services, each on the port `serial`, so that a mix of two would be seen."""
    blocks = "".join(
        f"virtual v{number} {{\n address = 192.0.2.{number % 250 + 1} eth0:1\n port = {serial}\n}}\n"
        for number in range(virtuals)
    )
    return f"serial_no = {serial}\n{blocks}# the end\n".encode()


def test_readers_in_other_processes_see_the_old_or_the_new_and_never_a_mix(tmp_path: Path) -> None:
    path = tmp_path / "lvs.cf"
    prepare(path, lvs_cf(1, 10)).publish()
    command = [sys.executable, "-c", READER, str(path)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CLONE) for _ in range(READERS)]
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        for serial in range(2, WRITES):
            # From some hundred bytes to more than a read takes at once.
            prepare(path, lvs_cf(serial, (5, 400, 50, 3000)[serial % 4])).publish()
        prepare(path, lvs_cf(0, 10)).publish()
        results = [reader.communicate(timeout=60)[0].split() for reader in readers]
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()
    for reads, bad, seen in results:
        assert bad == "0"
        assert int(reads) > 0
        # It is a test only if they saw it change.
        assert int(seen) > 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["lvs.cf"]
