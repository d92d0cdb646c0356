"""A table of the kernel with traffic, and the moment at which two programs read it."""

import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import cast

import pytest

from app.host.ipvs.table import IPVS
from app.lvs.reports.status import StatusReport
from app.lvs.table_page.ipvsadm_tables import TABLES
from app.pulse.table.kernel_report import daemon_reports, timeout_report
from app.pulse.table.report import service_reports
from tests.host.namespace import own_network
from tests.waiting import until

SIX = "fd00:1111:2222:3333:4444:5555:6666:8888"


RULES = f"""\
-A -t 10.9.0.1:80 -s rr -p 300 -M 255.255.255.0
-a -t 10.9.0.1:80 -r 127.0.0.1:80 -m -w 1 -x 100 -y 50
-a -t 10.9.0.1:80 -r 10.9.1.7:80 -i -w 0
-a -t 10.9.0.1:80 -r 10.9.1.9:80 -m -w 0
-A -u 10.9.0.2:5353 -s sh -b sh-port
-a -u 10.9.0.2:5353 -r 127.0.0.1:5353 -m -w 1
-A -t [{SIX}]:80 -s rr -p 60
-a -t [{SIX}]:80 -r [fd00::1]:80 -g -w 1
-a -t [{SIX}]:80 -r [fd00::2]:80 -g -w 0
-A -f 7 -s rr -p 60
-a -f 7 -r 127.0.0.1:81 -m -w 1
-A -f 4294967295 -6 -s rr
-A --sctp-service 10.9.0.3:99 -s lc
"""


ATTEMPTS = 50


SO_MARK = 36


def run(*command: str, given: str = "") -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, input=given).stdout


@pytest.fixture(scope="module")
def ipvs() -> Iterator[IPVS]:
    """A kernel whose services of each kind have clients, all of them on this machine."""
    with own_network(), IPVS() as kernel, ExitStack() as stack:
        for address in ("10.9.0.1/32", "10.9.0.2/32", f"{SIX}/128", "fd00::1/128"):
            run("ip", "address", "add", address, "dev", "lo", *(["nodad"] if ":" in address else []))
        run("ipvsadm", "-R", given=RULES)
        stack.enter_context(socket.create_server(("", 80)))
        stack.enter_context(socket.create_server(("", 81)))
        stack.enter_context(socket.create_server(("::", 80), family=socket.AF_INET6))
        for place in (("10.9.0.1", 80), ("10.9.0.1", 80), (SIX, 80)):
            client = stack.enter_context(socket.create_connection(place, 5))
            client.sendall(bytes(5000))
        marked = stack.enter_context(socket.socket())
        marked.setsockopt(socket.SOL_SOCKET, SO_MARK, 7)
        marked.settimeout(5)
        marked.connect(("10.9.0.2", 81))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.sendto(b"hello", ("10.9.0.2", 5353))
        wait_until_counted(kernel)
        yield kernel


def wait_until_counted(kernel: IPVS) -> None:
    """Return when the traffic is in the kernel's counters: it adds them up every two seconds only."""

    def is_counted() -> bool:
        counted = next(line for line in TABLES["stats"](report(kernel)) if line.startswith("TCP  10.9.0.1:80"))
        words = counted.split()
        return int(words[2]) == 2 and int(words[5]) > 10_000

    until(is_counted, lambda: list(TABLES["stats"](report(kernel))))


@contextmanager
def traffic(kernel: IPVS) -> Iterator[None]:
    """Let datagrams go through the kernel all the while, beginning when they are in its rates."""
    is_over = threading.Event()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            while not is_over.wait(0.005):
                asking.sendto(b"hello", ("10.9.0.2", 5353))

    sender = threading.Thread(target=send)
    sender.start()
    try:
        wait_until_rated(kernel)
        yield
    finally:
        is_over.set()
        sender.join()


def wait_until_rated(kernel: IPVS) -> None:
    def is_rated() -> bool:
        rated = next(line for line in TABLES["rate"](report(kernel)) if line.startswith("UDP  10.9.0.2:5353"))
        return int(rated.split()[3]) > 10

    until(is_rated, lambda: list(TABLES["rate"](report(kernel))))


def report(ipvs: IPVS) -> StatusReport:
    table, counters = ipvs.read()
    told = {
        "kernel": str(ipvs.version()),
        "services": list(service_reports(table, counters, None)),
        "timeouts": timeout_report(ipvs),
        "daemons": daemon_reports(ipvs),
    }
    return cast(StatusReport, told)


def same_moment(ours: Callable[[], list[str]], options: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return our lines and ipvsadm's of a moment in which nothing changed, as counters and times do."""
    for _ in range(ATTEMPTS):
        before, theirs, after = ours(), run("ipvsadm", *options).splitlines(), ours()
        if before == after:
            return before, theirs
    raise AssertionError(f"the table changed {ATTEMPTS} times while it was read")
