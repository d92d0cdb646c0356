"""The soak in a kernel with IPVS: `python -m bench.soak.kernel SECONDS SEED`, called by the command."""

import json
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from app.host.control_client import ControlRefused, ControlUnreachable
from app.lvs.grammar.reader import parse
from bench.kernel import processor
from bench.soak.daemons import Router
from bench.soak.editor import Sent, read_sent
from bench.soak.losses import lost_changes, possible_weights, unexplained
from lab import programs
from lab.asker import Request
from lab.cluster import Cluster
from lab.installation import WEB
from lab.network import CLIENT
from tests.pulse.two_directors.linked import LinkedPair
from tests.pulse.two_directors.pair import PAIR, PairDirector, PairOfDirectors
from tests.waiting import LIMIT_S, until

ROUND_S = 60.0
"""After so much killing everything runs, and what is there is compared with what was answered."""
KILL_EVERY_S = (2.0, 8.0)
TEND_EVERY_S = 0.2
REST_MAX_S = 180.0
"""Until all runs and agrees, in a kernel in which a program takes ten times as long to start."""
LOOK_EVERY_S = 1.0
ADVERT_MS = 1000
"""That of keepalived. What starts takes the one processor from all others for longer than a shorter one allows."""
ANSWERS = 20
"""The most frequent kinds of answers are told, numbers left out."""


@dataclass
class Findings:
    """What was done, and what was found: `wrong` has a sentence for each thing that must not be.

    `story` tells by the monotonic clock what was killed, when a router got or lost the virtual IP, and which
    requests failed.
    """

    kills: dict[str, int] = field(default_factory=dict)
    story: list[tuple[float, str]] = field(default_factory=list)
    rest_s: list[float] = field(default_factory=list)
    acknowledged: int = 0
    refused: int = 0
    unanswered: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    failed: int = 0
    wrong: list[str] = field(default_factory=list)


class Editor:
    """The program that edits one real server; it runs for a round at a time."""

    def __init__(self, cluster: Cluster, name: str, url: str, token: str, path: Path) -> None:
        self.author = author_of(name)
        self._cluster, self._url, self._token, self._path = cluster, url, token, path
        self._process: Any = None

    def begin(self) -> None:
        """Go on with the next weight."""
        command = [sys.executable, "-m", "bench.soak.editor", self._url, str(self._path), str(len(self.sent) + 1)]
        environment = os.environ | {"TOKEN": self._token}
        self._process = self._cluster.start(CLIENT.name, command, env=environment)

    def pause(self) -> None:
        """Return when the last change has been answered."""
        self._process.terminate()
        self._process.wait(LIMIT_S)

    @property
    def sent(self) -> list[Sent]:
        """All changes, in order."""
        return read_sent(self._path)


class Soak:
    """A pair under traffic and edits."""

    def __init__(self, cluster: Cluster, directory: Path, random: Random) -> None:
        self._cluster, self._directory, self._random = cluster, directory, random
        self._pair = PairOfDirectors(cluster, directory)
        self._link = LinkedPair(self._pair)
        self._routers = [Router(cluster, director) for director in self._pair.directors]
        self._url = f"http://{self._pair.first.installation.address}:{self._pair.first.installation.port}"
        self._token = ""
        self._editors: list[Editor] = []
        self._unowned: list[tuple[float, float]] = []
        self._unowned_since: float | None = None
        self._look_at = 0.0
        self.findings = Findings()

    @property
    def logs(self) -> dict[str, Path]:
        """What the daemons of each router have written, by its name."""
        return {director.node.name: director.log for director in self._pair.directors}

    def begin(self) -> None:
        """Start and pair the two, with a configuration and a program that edits each real server."""
        self._until(
            lambda: all(router.is_listening() for router in self._link.routers), "the link's ends are there"
        )
        self._until(lambda: all(router.socket.exists() for router in self._pair.directors), "pulse answers")
        self._link.couple()
        serial_no = self._link.first.accept(PAIR.format(serial=1, active=1, advert_ms=ADVERT_MS, more=""))
        self._link.until_agreed(serial_no)
        tokens = [self._new_token(node.name) for node in self._cluster.web_servers]
        self._token = tokens[0]
        self._until(self._has_pages, "the pages answer")
        (virtual,) = self._ask("/api/virtual")["virtual"]
        for real, token in zip(virtual["server"], tokens, strict=True):
            url = f"{self._url}/api/virtual/{virtual['id']}/real/{real['id']}"
            self._editors.append(Editor(self._cluster, real["name"], url, token, self._directory / real["name"]))

    def run(self, seconds: float) -> None:
        """Kill for so long under traffic and edits, with a rest in between; then note what was lost."""
        asking = self._pair.ask()
        try:
            with asking:
                while seconds > 0:
                    self._kill_for(min(ROUND_S, seconds))
                    seconds -= ROUND_S
                    self._come_to_rest()
        finally:
            self._note(asking.requests())

    def _note(self, requests: list[Request]) -> None:
        """Note what became of the changes and the requests, and what happened when."""
        findings = self.findings
        if self._unowned_since is not None:
            self._unowned.append((self._unowned_since, time.monotonic()))
        sent = [one for editor in self._editors for one in editor.sent]
        findings.acknowledged = sum(one.serial_no > 0 for one in sent)
        findings.refused = sum(one.is_refused for one in sent)
        findings.unanswered = len(sent) - findings.acknowledged - findings.refused
        findings.answers = dict(Counter(re.sub(r"\d+", "N", one.answer) for one in sent).most_common(ANSWERS))
        findings.requests, findings.failed = len(requests), sum(bool(request.failure) for request in requests)
        findings.wrong += [
            f"a request of {request.began:.1f} s failed with no keepalived killed: {request.failure}"
            for request in unexplained(requests, self._unowned)
        ]
        findings.story += [
            (request.began, f"request: {request.failure}") for request in requests if request.failure
        ]
        # The moves are by the time of day.
        ahead_s = time.time() - time.monotonic()
        for director in self._pair.directors:
            findings.story += [
                (move.at - ahead_s, f"{director.node.name} {'gets' if move.has_come else 'loses'} the virtual IP")
                for move in director.moves()
            ]
        findings.story.sort()

    def _kill_for(self, seconds: float) -> None:
        for editor in self._editors:
            editor.begin()
        over, kill_at = time.monotonic() + seconds, 0.0
        while time.monotonic() < over:
            self._tend()
            if time.monotonic() >= kill_at:
                self._kill()
                kill_at = time.monotonic() + self._random.uniform(*KILL_EVERY_S)
            time.sleep(TEND_EVERY_S)

    def _kill(self) -> None:
        router = self._random.choice(self._routers)
        name = self._random.choice(sorted(router.kills))
        if router.kills[name](self._random):
            at = time.monotonic()
            self.findings.kills[name] = self.findings.kills.get(name, 0) + 1
            self.findings.story.append((at, f"{router.director.node.name}: {name} killed"))
            if name == "keepalived" and self._unowned_since is None:
                self._unowned_since = at

    def _come_to_rest(self) -> None:
        """Return when all runs and agrees; note what was acknowledged and is not there."""
        began = time.monotonic()
        self._until(self._has_pages, "the pages answer")
        for editor in self._editors:
            editor.pause()
        (last,) = self._ask("/api/history?limit=1")["revisions"]
        self._until(lambda: self._has_agreed(last["serial_no"]), "both have applied the last change")
        self.findings.rest_s.append(time.monotonic() - began)
        authors = self._authors()
        self._until(lambda: not self._difference(authors), lambda: self._difference(authors))
        for editor in self._editors:
            self.findings.wrong += lost_changes(editor.author, editor.sent, authors)
        print(f"{self.findings.rest_s[-1]:5.1f} s until all agreed; {self.findings.kills}", flush=True)

    def _has_agreed(self, serial_no: int) -> bool:
        with suppress(ControlUnreachable, ControlRefused):
            return all(
                router.applied() == serial_no and router.status()["standing"] == "agreed"
                for router in self._link.routers
            )
        return False

    def _difference(self, authors: Mapping[int, str]) -> str:
        """Return how what is there differs from what was answered; empty: not at all."""
        files = [router.lvs_cf() for router in self._link.routers]
        if files[0] != files[1]:
            return "the two files differ"
        config = parse(files[0]).config
        if config is None:
            return "lvs.cf has errors"
        tables = [router.table() for router in self._link.routers]
        for editor, server in zip(self._editors, config.virtual[0].server, strict=True):
            if server.weight not in possible_weights(editor.author, editor.sent, authors):
                return f"{server.name} has weight {server.weight}; the last ones sent were {editor.sent[-3:]}"
            line = f"-r {server.address}:80 -g -w {server.weight}\n"
            if not all(line in table for table in tables):
                return f"not in both kernels: {line}{tables}"
        return ""

    def _authors(self) -> dict[int, str]:
        """Return the authors of all that was ever accepted, by serial."""
        found: dict[int, str] = {}
        before = ""
        while True:
            page = self._ask(f"/api/history?limit=200{before}")
            found |= {revision["serial_no"]: revision["author"] for revision in page["revisions"]}
            if page["older"] is None:
                return found
            before = f"&before={page['older']}"

    def _has_pages(self) -> bool:
        return all(self._status(router) == "200" for router in self._pair.directors)

    def _status(self, director: PairDirector) -> str:
        url = f"http://{director.installation.address}:{director.installation.port}/health"
        command = [
            "curl",
            "--silent",
            "--max-time",
            "5",
            "--output",
            "/dev/null",
            "--write-out",
            "%{http_code}",
            url,
        ]
        return self._cluster.run(CLIENT.name, command, check=False).stdout

    def _ask(self, address: str) -> Any:
        header = f"Authorization: Bearer {self._token}"
        command = ["curl", "--silent", "--show-error", "--max-time", "60", "--header", header, self._url + address]
        return json.loads(self._cluster.run(CLIENT.name, command, timeout_s=90.0).stdout)

    def _new_token(self, name: str) -> str:
        program = self._pair.first.program(
            "token", "make", author_of(name).removesuffix(" (token)"), "--scope", "admin", privileges=WEB
        )
        return programs.run(program, LIMIT_S).stdout.strip()

    def _tend(self) -> None:
        for router in self._routers:
            router.tend()
        now = time.monotonic()
        if self._unowned_since is not None and now >= self._look_at:
            self._look_at = now + LOOK_EVERY_S
            if all(router.takes_part() for router in self._routers):
                self._unowned.append((self._unowned_since, time.monotonic()))
                self._unowned_since = None

    def _until(self, condition: Callable[[], object], what: Callable[[], object] | str) -> None:
        def tended() -> object:
            self._tend()
            return condition()

        until(tended, what, REST_MAX_S)


def author_of(name: str) -> str:
    """Return the author of what the program that edits the server of that name changes."""
    return f"editor of {name} (token)"


def main(seconds: float, seed: int) -> None:
    """Run it; write the findings to the shared directory."""
    programs.fork_from_now_on()
    with tempfile.TemporaryDirectory(prefix="soak") as directory, Cluster(udp=(), directors=2) as cluster:
        soak = Soak(cluster, Path(directory), Random(seed))  # noqa: S311 - what is killed when
        try:
            soak.begin()
            soak.run(seconds)
        except Exception as error:  # noqa: BLE001 - what was found before it has to be told
            soak.findings.wrong.append(f"{type(error).__name__}: {error}")
        found = asdict(soak.findings) | {"kernel": f"Linux {platform.release()}", "its processor": processor()}
        share = Path(os.environ["PALOMETA_LAB_SHARE"])
        (share / "soak.json").write_text(json.dumps(found, indent=1) + "\n")
        for name, log in soak.logs.items():
            shutil.copy(log, share / f"soak-{name}.log")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
