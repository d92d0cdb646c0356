"""Two directors with only keepalived on each, configured by hand as its users do.

Both start as BACKUP with `nopreempt`, like a pair of Palometa; version 3, which an interval below a second
requires, unicast, its own checkers and the kernel's sync daemon. Nothing restarts a keepalived that has ended;
Debian's unit does not either.
"""

import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from lab.cluster import Cluster, end
from lab.network import DIRECTOR, DIRECTOR2, Node
from tests.pulse.two_directors.two_routers import ADDRESS, AddressWatch, Move, TwoRouters, signal_all

SERVERS = 3
ENDS_WITHIN_S = 5.0
_CONF = """\
global_defs {{
    router_id {name}
    vrrp_version 3
    lvs_sync_daemon eth0 web id 7
}}
vrrp_instance web {{
    state BACKUP
    nopreempt
    interface eth0
    virtual_router_id 36
    priority {priority}
    advert_int 0.1
    unicast_src_ip {own}
    unicast_peer {{
        {peer}
    }}
    virtual_ipaddress {{
        {address}/24 dev eth0 label eth0:1
    }}
}}
virtual_server {address} 80 {{
    delay_loop {loop_s}
    lvs_sched wlc
    lvs_method DR
    protocol TCP
{servers}}}
"""
_SERVER = """\
    real_server 10.36.0.1{number} 80 {{
        weight 1
        HTTP_GET {{
            url {{
                path /
                status_code 200
            }}
            connect_timeout 2
        }}
    }}
"""


class PlainRouter:
    """One of the two routers."""

    def __init__(self, cluster: Cluster, directory: Path, node: Node, peer: Node) -> None:
        directory.mkdir()
        self.cluster, self.node, self._peer = cluster, node, peer
        self._directory = directory
        self._run = directory / "run"
        self._run.mkdir()
        self.log = directory / "log"
        self.log.touch()
        self._process: subprocess.Popen[str] | None = None
        self.watch = AddressWatch(cluster, node, directory / "addresses")

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def write(self, loop_s: int = 2) -> None:
        """Write its configuration."""
        text = _CONF.format(
            name=self.node.name,
            priority=150 if self.node is DIRECTOR else 100,
            own=self.node.legs[0].ipv4,
            peer=self._peer.legs[0].ipv4,
            address=ADDRESS,
            loop_s=loop_s,
            servers="".join(_SERVER.format(number=number) for number in range(1, SERVERS + 1)),
        )
        (self._directory / "keepalived.conf").write_text(text)

    def start(self) -> None:
        """Start it, as a service manager does."""
        if self._process is not None:
            # keepalived refuses to start while an ended process of it has not been reaped.
            self._process.wait(ENDS_WITHIN_S)
        command = ["keepalived", "--dont-fork", "--log-console", "-f", str(self._directory / "keepalived.conf")]
        files = [str(self._run / name) for name in ("pid", "vrrp", "checkers")]
        for option, file in zip(("-p", "-r", "-c"), files, strict=True):
            command += [option, file]
        with self.log.open("a") as log:
            self._process = self.cluster.start(self.node.name, command, stdout=log, stderr=log)

    def stop(self) -> None:
        """Stop it, as a service manager does."""
        assert self._process is not None  # noqa: S101 - it was started
        end(self._process)

    def reload(self) -> None:
        """Make it reload its configuration."""
        signal_all(signal.SIGHUP, self.keepalived()[:1])

    def kill(self) -> None:
        """End all remaining processes of it."""
        with suppress(OSError, ValueError, subprocess.CalledProcessError):
            signal_all(signal.SIGKILL, self.keepalived())
        if self._process is not None:
            end(self._process)

    def lose_power(self) -> None:
        """End everything that runs on it and lose its memory; the disk stays."""
        self.cluster.power_off(self.node.name)
        self.watch.forget()
        shutil.rmtree(self._run)

    def get_power(self) -> None:
        """Undo `lose_power`; nothing is running yet."""
        self.cluster.power_on(self.node.name)
        self._run.mkdir()
        self.watch.begin()

    def keepalived(self) -> list[int]:
        """Return its processes, the first one first."""
        return [int((self._run / name).read_text()) for name in ("pid", "vrrp", "checkers")]

    def signal_keepalived(self, number: signal.Signals) -> None:
        """Send a signal to all its processes, as simultaneously as possible."""
        signal_all(number, self.keepalived())

    def moves(self) -> list[Move]:
        """Return the times at which the virtual IP came and went, in order."""
        return self.watch.moves()

    @property
    def has_address(self) -> bool:
        return self.watch.has_address()

    def has_table(self) -> bool:
        """Return whether its kernel has all real servers."""
        table = self.cluster.run(self.node.name, ["ipvsadm", "-S", "-n"]).stdout
        return all(f"-r 10.36.0.1{number}:80 -g -w 1" in table for number in range(1, SERVERS + 1))


class PlainPair(TwoRouters[PlainRouter]):
    """The two routers; `first` has the higher priority."""

    name = "keepalived"

    def __init__(self, cluster: Cluster, directory: Path) -> None:
        first = PlainRouter(cluster, directory / "first", DIRECTOR, DIRECTOR2)
        second = PlainRouter(cluster, directory / "second", DIRECTOR2, DIRECTOR)
        super().__init__(cluster, first, second, directory / "asked")
        self.marker = ADDRESS

    def begin(self) -> None:
        """Configure and start both, the first one first."""
        for router in self.directors:
            router.write()
            router.start()
            self.until(lambda: self.first.has_address, "the first has the address")

    def end(self) -> None:
        """End everything."""
        for router in self.directors:
            router.kill()
            router.watch.end()

    def configure(self, _: str) -> None:
        """Do nothing: the configuration is always the same."""

    def ready(self) -> str:
        """Wait until the first has the address and both have the table; return what had to be done for it."""
        done = ""
        for router in self.directors:
            if not router.is_running:
                router.start()
        self._until_one_has_it()
        if not self.first.has_address:
            self.second.stop()
            if not self._holds(lambda: self.first.has_address, 3.0):
                self.first.kill()
                self.first.start()
                done = "the first took the address back only after its keepalived had been restarted"
            self.until(lambda: self.first.has_address, "the first has the address")
            self.second.start()
        self.until(lambda: self.first.has_table() and self.second.has_table(), "both have the table")
        self._until_one_has_it()
        return done

    def switch(self) -> None:
        """Move the address to the second in the usual way."""
        self.first.stop()

    def edit_backup(self) -> None:
        """Change something on the second."""
        self.second.write(loop_s=3)
        self.second.reload()

    def undo_edit(self) -> None:
        """Give both the same configuration again."""
        self.second.write()
        self.second.reload()

    def _until_one_has_it(self) -> None:
        self.until(lambda: sum(router.has_address for router in self.directors) == 1, "one has the address")

    def _holds(self, condition: Callable[[], bool], within_s: float) -> bool:
        try:
            self.until(condition, "", within_s)
        except AssertionError:
            return False
        return True
