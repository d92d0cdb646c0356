"""A fuzzer for the reader: ``python -m tests.lvs.fuzz_reading [SECONDS]``; ends by itself.

It mutates the cases blindly first, then guided by coverage. Whatever goes in, the reader answers in bounded time,
and what it accepts it writes back byte for byte.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

import atheris

from app.lvs.formats.config_json import from_json, to_json
from app.lvs.grammar.reader import parse
from app.lvs.grammar.writer import render
from app.lvs.model.problem import Severity
from app.lvs.piranha.parser import parse_as_piranha

_CASES = Path(__file__).parent / "cases"
_SECONDS_PER_INPUT = 2.0
_PIECES = [
    b"\n", b"\r", b"\r\n", b"\0", b" ", b"\t", b'"', b"'", b"\\", b"#", b"{", b"}", b"=", b"[", b"]", b"\xff",
    b"\xef\xbb\xbf", b"virtual a {\n", b"server a {\n", b"failover a {\n", b"port = 81\n", b" = ", b"0x",
    b"9" * 5000,
]  # fmt: skip


def judge(data: bytes) -> None:
    """Read `data` both ways; raise AssertionError where the reader breaks its word."""
    begun = time.monotonic()
    parse_as_piranha(data)
    reading = parse(data)
    has_error = any(problem.severity is Severity.ERROR for problem in reading.problems)
    assert (reading.config is None) == has_error, data
    if reading.config is not None:
        assert render(reading.config) == data, data
        again = from_json(to_json(reading.config))
        assert parse(render(again)).config == reading.config, data
    assert time.monotonic() - begun < _SECONDS_PER_INPUT, data[:200]


def _mutated(seeds: list[bytes], chance: random.Random) -> bytes:
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(data))
        match chance.randint(0, 3):
            case 0:
                data[at:at] = chance.choice(_PIECES)
            case 1:
                del data[at : at + chance.randint(1, 40)]
            case 2:
                data[at:at] = data[chance.randint(0, len(data)) :][: chance.randint(1, 200)]
            case _:
                data[at : at + 1] = bytes([chance.randint(0, 255)])
    return bytes(data)


def _blindly(seconds: float) -> None:
    seeds = [path.read_bytes() for path in sorted(_CASES.glob("*.cf"))]
    chance = random.Random(1)
    ends, count = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        judge(_mutated(seeds, chance))
        count += 1
    sys.stdout.write(f"{count} inputs read, none broke the reader\n")


def _guided(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as found:
        _guide(seconds, found)


def _guide(seconds: float, found: str) -> None:
    """Fuzz from the cases on; what turns out interesting is collected in the directory `found`."""
    # Only what is loaded already is instrumented: the domain, and nothing of the fuzzer's own.
    atheris.instrument_all()
    arguments = [sys.argv[0], f"-max_total_time={int(seconds)}", "-max_len=8192", "-timeout=5", found, str(_CASES)]
    atheris.Setup(arguments, judge, enable_python_coverage=True)
    atheris.Fuzz()


def main() -> None:
    """Fuzz for the seconds given on the command line, 60 without: blindly first, then guided by coverage."""
    seconds = float(sys.argv[1]) if sys.argv[1:] else 60.0
    _blindly(seconds / 4)
    _guided(seconds * 3 / 4)


if __name__ == "__main__":
    main()
