"""Two routers of the cluster that share the virtual IP: who had it when, and who asked for it."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from lab.asker import Request, read_requests
from lab.cluster import Cluster, end
from lab.network import CLIENT, VIRTUAL4, Node
from lab.programs import Program
from tests.waiting import LIMIT_S, until

ADDRESS = str(VIRTUAL4)


@dataclass(frozen=True, slots=True)
class Move:
    """The virtual IP came to a router, or went, by the kernel's own clock."""

    at: float
    has_come: bool


class AddressWatch:
    """Notes when the virtual IP comes to a router and goes."""

    def __init__(self, cluster: Cluster, node: Node, seen: Path) -> None:
        self._cluster, self._node, self._seen = cluster, node, seen
        self.begin()

    def begin(self) -> None:
        """Watch, with nothing seen yet."""
        with self._seen.open("w") as seen:
            watch = ["ip", "-oneline", "-tshort", "monitor", "address"]
            self._process = self._cluster.start(self._node.name, watch, stdout=seen)

    def end(self) -> None:
        end(self._process)

    def forget(self) -> None:
        """Forget all that was seen: the router has lost its power, and has nothing."""
        self.end()
        self._seen.write_text("")

    def moves(self) -> list[Move]:
        """Return when the virtual IP came and went, in order."""
        found = []
        for line in self._seen.read_text().splitlines():
            if f"inet {ADDRESS}/" in line and line.startswith("["):
                at, _, rest = line[1:].partition("]")
                found.append(Move(datetime.fromisoformat(at).timestamp(), not rest.strip().startswith("Deleted")))
        return found

    def has_address(self) -> bool:
        moves = self.moves()
        return bool(moves) and moves[-1].has_come


class Router(Protocol):
    """One of the two."""

    node: Node
    log: Path

    def moves(self) -> list[Move]: ...

    @property
    def has_address(self) -> bool: ...


R = TypeVar("R", bound=Router)


class TwoRouters(Generic[R]):
    """The two; `first` is the one that has the virtual IP when nothing has happened yet."""

    def __init__(self, cluster: Cluster, first: R, second: R, asked: Path) -> None:
        self.cluster = cluster
        self.first, self.second = first, second
        self.directors = (first, second)
        self._asked = asked

    def other(self, router: R) -> R:
        return self.second if router is self.first else self.first

    def until(self, condition: Callable[[], Any], what: str, limit_s: float = LIMIT_S) -> None:
        """Return when `condition` holds."""

        def seen() -> str:
            logs = "\n".join(director.log.read_text()[-4000:] for director in self.directors)
            return f"{what}\n{[director.moves() for director in self.directors]}\n{logs}"

        until(condition, seen, limit_s)

    def comes_to(self, owner: R, since: float) -> None:
        """Return when the virtual IP has come to `owner`, after `since`."""
        self.until(lambda: coming(owner, since) is not None, f"{owner.node.name} takes the address")

    def two_for_s(self, since: float) -> float:
        """Return the longest time both had the virtual IP at once, after `since`."""
        changes = sorted(
            (move.at, index, move.has_come) for index in (0, 1) for move in self.directors[index].moves()
        )
        held, both_since, longest = [False, False], None, 0.0
        for at, index, has_come in [*changes, (time.time(), -1, False)]:
            if both_since is not None:
                longest = max(longest, at - max(both_since, since))
            if index >= 0:
                held[index] = has_come
            both_since = at if all(held) and both_since is None else both_since if all(held) else None
        return longest

    def ask(self) -> "Asking":
        """Ask through the virtual IP all the time while in ``with``."""
        return Asking(self.cluster, self._asked)


class Asking:
    """A client that asks ten times a second; `failures` are the requests nobody answered."""

    def __init__(self, cluster: Cluster, path: Path) -> None:
        self._cluster, self._path = cluster, path

    def __enter__(self) -> "Asking":
        self._path.unlink(missing_ok=True)
        asker = Program("lab.asker", (f"http://{ADDRESS}/", str(self._path)), CLIENT.name)
        self._process = self._cluster.start_program(asker)
        return self

    def __exit__(self, *_: object) -> None:
        end(self._process)

    def requests(self) -> list[Request]:
        return read_requests(self._path)

    def answered(self) -> int:
        return sum(not request.failure for request in self.requests())

    def failed_outside(self, moves: list[tuple[float, float]]) -> list[Request]:
        """Return the requests nobody answered that were begun neither in one of `moves` nor a second before.

        A move is when it began and when it was over, by the monotonic clock.
        """
        return [
            request
            for request in self.requests()
            if request.failure and not any(began - 1 < request.began < over for began, over in moves)
        ]


def signal_all(number: int, pids: list[int]) -> None:
    """Send `pids` a signal, as nearly at once as can be."""
    subprocess.run(["kill", f"-{int(number)}", *map(str, pids)], check=True)


def coming(owner: Router, since: float) -> float | None:
    """Return when the virtual IP came to `owner` first, after `since`; None: it did not."""
    return next((move.at for move in owner.moves() if move.has_come and move.at >= since), None)
