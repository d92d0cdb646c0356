"""Two directors with the real pulse and the real keepalived on each, and who had the virtual IP when."""

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.host.control_client import ask
from app.lvs.pair_report import SwitchReport
from lab.asker import Request, read_requests
from lab.cluster import Cluster, end
from lab.network import CLIENT, DIRECTOR, DIRECTOR2, VIRTUAL4, Node
from tests.pulse.director import Director

ADDRESS = str(VIRTUAL4)
PAIR = """serial_no = {serial}
primary = 10.36.0.2
backup = 10.36.0.3
backup_active = {active}
network = direct
syncdaemon = 1
syncd_iface = eth0
syncd_id = 7
advert_ms = {advert_ms}
{more}virtual web {{
     active = 1
     address = 10.36.0.10 eth0:1
     vip_nmask = 255.255.255.0
     port = 80
     send = "GET / HTTP/1.0\\r\\n\\r\\n"
     expect = "HTTP"
     timeout = 2
     reentry = 2
     server web1 {{
         address = 10.36.0.11
         active = 1
     }}
     server web2 {{
         address = 10.36.0.12
         active = 1
     }}
     server web3 {{
         address = 10.36.0.13
         active = 1
     }}
}}
"""


@dataclass(frozen=True, slots=True)
class Move:
    """The virtual IP came to a director, or went, by the kernel's own clock."""

    at: float
    has_come: bool


class PairDirector(Director):
    """One of the two, watched for the virtual IP."""

    def __init__(self, cluster: Cluster, directory: Path, node: Node) -> None:
        super().__init__(cluster, directory, node)
        self._seen = directory / "addresses"
        self._watch()

    def _watch(self) -> None:
        with self._seen.open("w") as seen:
            watch = ["ip", "-oneline", "-tshort", "monitor", "address"]
            self.monitor = self.cluster.start(self.node.name, watch, stdout=seen)

    def lose_power(self) -> None:
        """End all that runs on it, with all that is in memory; what is on disk stays."""
        self.cluster.power_off(self.node.name)
        shutil.rmtree(self.installation.runtime_directory)

    def get_power(self) -> None:
        """Undo `lose_power`; nothing runs on it yet."""
        self.cluster.power_on(self.node.name)
        self.installation.prepare()
        self._watch()

    def moves(self) -> list[Move]:
        """Return when the virtual IP came and went, in order."""
        found = []
        for line in self._seen.read_text().splitlines():
            if f"inet {ADDRESS}/" in line and line.startswith("["):
                at, _, rest = line[1:].partition("]")
                found.append(Move(datetime.fromisoformat(at).timestamp(), not rest.strip().startswith("Deleted")))
        return found

    @property
    def has_address(self) -> bool:
        moves = self.moves()
        return bool(moves) and moves[-1].has_come

    def role(self) -> str:
        pair = self.status()["pair"]
        return pair["role"] if pair else "alone"

    def switch(self) -> SwitchReport:
        """Hand the virtual IPs to the other one."""
        report: SwitchReport = ask(self.socket, "switch", {}, 25.0)
        return report

    def keepalived(self) -> list[int]:
        """Return the processes of keepalived, the first one first."""
        directory = self.installation.runtime_directory
        names = ("keepalived.pid", "keepalived.vrrp.pid")
        return [int((directory / name).read_text()) for name in names]

    def signal_keepalived(self, number: signal.Signals) -> None:
        """Send all its processes a signal, as nearly at once as can be."""
        subprocess.run(["kill", f"-{int(number)}", *map(str, self.keepalived())], check=True)


class PairOfDirectors:
    """The two; `first` is the primary."""

    def __init__(self, cluster: Cluster, directory: Path) -> None:
        self.cluster = cluster
        self.first = _director(cluster, directory / "first", DIRECTOR)
        self.second = _director(cluster, directory / "second", DIRECTOR2)
        self.directors = (self.first, self.second)
        self.serial = 0
        self._asked = directory / "asked"

    def apply(self, more: str = "", *, active: int = 1, advert_ms: int = 400) -> None:
        """Give both the same configuration, and return when both have applied it."""
        self.serial += 1
        text = PAIR.format(serial=self.serial, active=active, advert_ms=advert_ms, more=more)
        for director in self.directors:
            director.write(text)
        for director in self.directors:
            director.wait(lambda status: _serial(status) == self.serial)

    def start(self) -> None:
        for director in self.directors:
            director.start()

    def stop(self) -> None:
        """End everything, kindly or not."""
        for director in self.directors:
            director.kill()
            subprocess.run(["ip", "netns", "exec", director.node.name, "pkill", "keepalived"], check=False)
            end(director.monitor)

    def until(self, condition: Callable[[], Any], what: str, within_s: float = 20.0) -> None:
        """Return when `condition` holds."""
        deadline = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline:
                logs = "\n".join(director.log.read_text()[-4000:] for director in self.directors)
                moves = [director.moves() for director in self.directors]
                raise AssertionError(f"not within {within_s} s: {what}\n{moves}\n{logs}")
            time.sleep(0.05)

    def settle(self, owner: PairDirector) -> None:
        """Return when `owner` has the virtual IP and the other stands by, switching them if need be."""
        other = self.second if owner is self.first else self.first
        self.until(lambda: {director.role() for director in self.directors} == {"owner", "standby"}, "one owner")
        if owner.role() != "owner":
            other.switch()
            self.until(lambda: (owner.role(), other.role()) == ("owner", "standby"), f"{owner.node.name} owns")
        self.until(lambda: owner.has_address and not other.has_address, f"{owner.node.name} has the address")

    def took_s(self, owner: PairDirector, since: float) -> float:
        """Return how long after `since` the virtual IP came to `owner`; waits for it."""
        self.until(lambda: _coming(owner, since) is not None, f"{owner.node.name} takes the address")
        return (_coming(owner, since) or 0.0) - since

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
        command = ["python", "-m", "lab.asker", f"http://{ADDRESS}/", str(self._path)]
        self._process = self._cluster.start(CLIENT.name, command)
        return self

    def __exit__(self, *_: object) -> None:
        end(self._process)

    def requests(self) -> list[Request]:
        return read_requests(self._path)

    def answered(self) -> int:
        return sum(not request.failure for request in self.requests())


def _serial(status: Any) -> int:
    return status["applied"]["serial_no"] if status["applied"] else 0


def _coming(owner: PairDirector, since: float) -> float | None:
    return next((move.at for move in owner.moves() if move.has_come and move.at >= since), None)


def _director(cluster: Cluster, directory: Path, node: Node) -> PairDirector:
    directory.mkdir()
    return PairDirector(cluster, directory, node)
