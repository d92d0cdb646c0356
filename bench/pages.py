"""Measures the web part: from ACCEPT to the kernel, first byte and size of the pages, many viewers."""

import http.cookiejar
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from app.lvs.desired.table import desired
from app.lvs.model.config import Config
from bench.accepting import ACCEPTING
from bench.figures import OURS
from bench.lvs_cf import with_one_weight_changed
from bench.painting import painting
from bench.processes import memory_mb, processor_s, running
from bench.server_form import accepted, server_form, token_of
from bench.tables import middle, table_of
from bench.workbench import milliseconds
from lab.installation import AS_WEB

if TYPE_CHECKING:
    from bench.workbench import Bench

CLONE = Path(__file__).resolve().parent.parent

USER, PASSWORD = "admin", "a bench is for sitting on"
RUNS = 9
PAGES = {
    "page CONTROL": "/control",
    "page CONTROL, each update": "/control/table",
    "page VIRTUAL SERVERS": "/virtual",
    "API, status": "/api/status",
    "API, the first services": "/api/services",
    "/metrics": "/metrics",
    "a static file": "/static/palometa.css",
}
VIEWERS = 50
VIEW_EVERY_S = 2.0
VIEWED_S = 20.0
KNOCK_EVERY_S = 0.01
_STARTS_WITHIN_S = 60.0


def pages(bench: "Bench", size: int) -> None:
    """Measure the pages with a table of `size` and a running pulse."""
    config = table_of(size)
    bench.put_lvs_cf(config)
    bench.empty()
    with running(bench.installation.pulse, bench.log, bench.environment):
        bench.wait_until_held(desired(config))
        with Pages(bench) as web:
            web.accept(config, size)
            with traffic(config):
                web.measure(config, size)


@contextmanager
def traffic(config: Config) -> Iterator[None]:
    """Let clients connect to one virtual IP after the other during the block; each SYN goes to a real server."""
    is_over = threading.Event()
    places = [
        (str(virtual.address.address), virtual.port)
        for virtual in config.virtual
        if virtual.address and virtual.port
    ]

    def knock() -> None:
        for place in cycle(places):
            if is_over.wait(KNOCK_EVERY_S):
                return
            with socket.socket() as client:
                client.setblocking(False)
                client.connect_ex(place)

    clients = threading.Thread(target=knock)
    clients.start()
    try:
        yield
    finally:
        is_over.set()
        clients.join()


class Pages:
    """A running web part with a signed-in session; use it in ``with``."""

    def __init__(self, bench: "Bench") -> None:
        self._bench = bench
        installation = self._installation = bench.installation
        self._running = running(installation.web, bench.log, bench.environment)
        self.base = f"http://{installation.address}:{installation.port}"

    def __enter__(self) -> Self:
        self._palometa("import", str(self._installation.lvs_cf))
        self._palometa("passwd", USER, said=PASSWORD)
        self.process = self._running.__enter__()
        self.open = self._browser()
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while True:
            try:
                self._sign_in()
                return self
            except urllib.error.URLError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.__exit__(kind, error, trace)

    def accept(self, config: Config, size: int) -> None:
        """Measure from ACCEPT to the kernel, and the steps, without clients, as for keepalived."""
        values = [self._accept(config, weight) for weight in range(11, 11 + RUNS)]
        figures, key = self._bench.figures, middle(config).key
        figures.add("one weight", size, f"{OURS}, ACCEPT to kernel", values)
        looks = [milliseconds(lambda: self._bench.ipvs.read_services([key])) for _ in range(RUNS)]
        figures.add("one poll of the kernel", size, "the benchmark", looks)
        self._steps(config, size)

    def measure(self, config: Config, size: int) -> None:
        """Measure everything else about the pages at this size."""
        figures = self._bench.figures
        token = self._palometa("token", "make", "bench", "--scope", "read").strip()
        for name, address in PAGES.items():
            request = urllib.request.Request(self.base + address)  # noqa: S310 - http, ours
            if not name.startswith("page"):
                request.add_header("Authorization", f"Bearer {token}")
            times, length = [], 0
            for _ in range(RUNS):
                begun = time.perf_counter()
                with self.open.open(request) as answer:
                    first = answer.read(1)
                    times.append((time.perf_counter() - begun) * 1000)
                    length = len(first + answer.read())
            figures.add(f"{name}: first byte", size, OURS, times)
            figures.add(f"{name}: size", size, OURS, [length / 1024], "KiB")
        self._palometa("token", "revoke", "bench")
        painting(figures, self.base, size, USER, PASSWORD)
        self._viewers(size)
        figures.add("memory", size, f"{OURS} web", [memory_mb(self.process.pid)], "MB")

    def _accept(self, config: Config, weight: int) -> float:
        """Change one weight on its page; return the time from ACCEPT until the kernel has it."""
        form = server_form(self._text, len(config.virtual) // 2)
        data = urllib.parse.urlencode(accepted(form, weight)).encode()
        done = threading.Thread(target=lambda: self.open.open(self.base + form.action, data).read())
        begun = time.perf_counter()
        done.start()
        self._bench.wait_for(middle(with_one_weight_changed(config, weight)))
        took_ms = (time.perf_counter() - begun) * 1000
        done.join()
        return took_ms

    def _steps(self, config: Config, size: int) -> None:
        """Measure the steps of an ACCEPT."""
        command = [*AS_WEB, sys.executable, "-m", "bench.accepting", USER, PASSWORD, str(len(config.virtual) // 2)]
        environment = dict(self._bench.environment)
        done = subprocess.run(command, cwd=CLONE, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"bench.accepting: {done.stderr[-2000:]}")
        for step, values in json.loads(done.stdout).items():
            self._bench.figures.add(ACCEPTING, size, step, values)

    def _viewers(self, size: int) -> None:
        """Let many viewers open the live page; measure response and processor time."""
        pulse = self._installation.runtime_directory / "pulse.lock"
        pid = int(pulse.read_text())
        times: list[float] = []
        ends = time.monotonic() + VIEWED_S

        def view() -> None:
            while time.monotonic() < ends:
                begun = time.perf_counter()
                self.open.open(self.base + "/control").read()
                times.append((time.perf_counter() - begun) * 1000)
                time.sleep(VIEW_EVERY_S)

        before = processor_s(pid), processor_s(self.process.pid), time.monotonic()
        threads = [threading.Thread(target=view) for _ in range(VIEWERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took_s = time.monotonic() - before[2]
        figures = self._bench.figures
        figures.add(f"{VIEWERS} viewers: whole response", size, OURS, times)
        used = {
            f"{OURS} pulse": processor_s(pid) - before[0],
            f"{OURS} web": processor_s(self.process.pid) - before[1],
        }
        for name, used_s in used.items():
            figures.add(f"{VIEWERS} viewers: processor time", size, name, [1000 * used_s / took_s], "ms a second")

    def _sign_in(self) -> None:
        page = self._text("/login")
        data = urllib.parse.urlencode({"csrf_token": token_of(page), "name": USER, "password": PASSWORD}).encode()
        self.open.open(f"{self.base}/login", data).read()

    def _text(self, address: str) -> str:
        with self.open.open(self.base + address) as answer:
            text: str = answer.read().decode()
        return text

    def _browser(self) -> urllib.request.OpenerDirector:
        jar = http.cookiejar.CookieJar()
        return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def _palometa(self, *arguments: str, said: str = "") -> str:
        command = [*AS_WEB, str(self._installation.command), *arguments]
        done = subprocess.run(
            command,
            input=f"{said}\n",
            capture_output=True,
            text=True,
            env=dict(self._bench.environment),
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"palometa {arguments[0]}: {done.stderr[-2000:]}")
        return done.stdout
