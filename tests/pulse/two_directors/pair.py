"""Two directors with the real pulse and the real keepalived on each, and who had the virtual IP when."""

import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.host.control_client import ControlRefused, ask
from app.lvs.reports.pair import SwitchReport
from lab.cluster import Cluster
from lab.network import DIRECTOR, DIRECTOR2, Node
from tests.pulse.director import Director
from tests.pulse.two_directors.two_routers import AddressWatch, Move, TwoRouters, signal_all
from tests.waiting import until

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


class PairDirector(Director):
    """One of the two, watched for the virtual IP."""

    def __init__(self, cluster: Cluster, directory: Path, node: Node) -> None:
        super().__init__(cluster, directory, node)
        self.watch = AddressWatch(cluster, node, directory / "addresses")

    def lose_power(self) -> None:
        """End all that runs on it, with all that is in memory; what is on disk stays."""
        self.cluster.power_off(self.node.name)
        self.watch.forget()
        shutil.rmtree(self.installation.runtime_directory)

    def get_power(self) -> None:
        """Undo `lose_power`; nothing runs on it yet."""
        self.cluster.power_on(self.node.name)
        self.installation.prepare()
        self.watch.begin()

    def moves(self) -> list[Move]:
        """Return when the virtual IP came and went, in order."""
        return self.watch.moves()

    @property
    def has_address(self) -> bool:
        return self.watch.has_address()

    def role(self) -> str:
        pair = self.status()["pair"]
        return pair["role"] if pair else "alone"

    def told(self, since: float) -> str:
        """Return what its pulse has told of since then."""
        return " ".join(event["reason"] for event in self.status()["events"] if event["at"] >= since)

    def switch(self, *, anyway: bool = True) -> SwitchReport:
        """Hand the virtual IPs to the other one; without a look at it first with `anyway`."""
        report: SwitchReport = ask(self.socket, "switch", {"anyway": anyway}, 32.0)
        return report

    def keepalived(self) -> list[int]:
        """Return the processes of keepalived, the first one first; none before both have started."""
        directory = self.installation.runtime_directory
        with suppress(FileNotFoundError, ValueError):
            return [int((directory / name).read_text()) for name in ("keepalived.pid", "keepalived.vrrp.pid")]
        return []

    def end_keepalived(self) -> None:
        """End all its processes as a service manager does, and return when they have ended."""
        processes = self.keepalived()
        signal_all(signal.SIGTERM, processes)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in processes), "keepalived ends")

    def signal_keepalived(self, number: signal.Signals) -> None:
        """Send all its processes a signal, as nearly at once as can be."""
        signal_all(number, self.keepalived())


class PairOfDirectors(TwoRouters[PairDirector]):
    """The two; `first` is the primary."""

    def __init__(self, cluster: Cluster, directory: Path) -> None:
        first = _director(cluster, directory / "first", DIRECTOR)
        second = _director(cluster, directory / "second", DIRECTOR2)
        super().__init__(cluster, first, second, directory / "asked")
        self.serial = 0

    def apply(
        self,
        more: str = "",
        *,
        active: int = 1,
        advert_ms: int = 400,
        plan: str = PAIR,
        to: Sequence[PairDirector] = (),
    ) -> None:
        """Give both, or those named, the same configuration, and return when they have applied it."""
        self.serial += 1
        text = plan.format(serial=self.serial, active=active, advert_ms=advert_ms, more=more)
        for director in to or self.directors:
            director.write(text)
        for director in to or self.directors:
            director.wait(lambda status: _serial(status) == self.serial)

    def start(self) -> None:
        for director in self.directors:
            director.start()

    def stop(self) -> None:
        """End everything, kindly or not."""
        for director in self.directors:
            director.kill()
            subprocess.run(["ip", "netns", "exec", director.node.name, "pkill", "keepalived"], check=False)
            director.watch.end()

    def settle(self, owner: PairDirector) -> None:
        """Return when `owner` has the virtual IP and the other stands by, switching them if need be."""
        other = self.other(owner)

        def is_settled() -> bool:
            roles = (owner.role(), other.role())
            if roles == ("standby", "owner"):
                # One that preempts may have taken them just now.
                with suppress(ControlRefused):
                    other.switch()
            # One that was killed leaves its marker, by which its router owns until it runs again.
            return roles == ("owner", "standby") and all(director.keepalived() for director in self.directors)

        self.until(is_settled, f"{owner.node.name} owns")
        self.until(lambda: owner.has_address and not other.has_address, f"{owner.node.name} has the address")


def _serial(status: Any) -> int:
    return status["applied"]["serial_no"] if status["applied"] else 0


def _director(cluster: Cluster, directory: Path, node: Node) -> PairDirector:
    directory.mkdir()
    return PairDirector(cluster, directory, node)
