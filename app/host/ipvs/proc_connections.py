"""Reads the kernel's connection table piece by piece, without interpreting the lines."""

from collections.abc import Iterator
from pathlib import Path

CONNECTION_FILE = Path("/proc/thread-self/net/ip_vs_conn")
"""That of the network namespace of the reading thread."""

PIECE = 1 << 16
LINE_MAX = 4096
"""A line is about 80 bytes, one of IPv6 and a persistence engine 250."""


class ConnectionsUnreadable(Exception):
    """The table cannot be read; the message says why and what to do."""


def read_pieces(path: Path = CONNECTION_FILE) -> Iterator[list[bytes]]:
    """Yield the lines of the table, including its header, a piece at a time; raise ConnectionsUnreadable.

    The table changes while it is read: an entry that is added or removed meanwhile may be missing or appear twice.
    """
    try:
        with path.open("rb", buffering=0) as file:
            rest = b""
            while piece := file.read(PIECE):
                lines = (rest + piece).split(b"\n")
                rest = lines.pop()
                if len(rest) > LINE_MAX:
                    raise ConnectionsUnreadable(
                        f"{path} has a line of over {LINE_MAX} bytes: not a connection table"
                    )
                yield lines
            if rest:
                yield [rest]
    except FileNotFoundError as error:
        raise ConnectionsUnreadable(
            f"{path} does not exist: IPVS is not loaded in this kernel ('modprobe ip_vs'), or /proc is not mounted"
        ) from error
    except OSError as error:
        raise ConnectionsUnreadable(f"{path} cannot be read: {error.strerror}") from error
