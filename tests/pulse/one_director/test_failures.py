"""Real servers fail in every way while clients ask: who fails, for how long, and what is said of it.

With each forwarding method one server of three is killed, hung, cut off and made slow, each time restored: two of
the four over IPv4 and the others over IPv6, and each of the four over both with one method or another. Times are
compared with each other only: how fast the kernel under test is says nothing. They are logged (`-o log_cli=1
--log-cli-level=INFO`).
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest

from app.lvs.reports.status import EventReport, ServerReport, StatusReport
from app.settings import Settings
from app.store import migrate, open_store
from app.web.factory import create_app
from app.web.frame.security import cookie_name
from lab.asker import PATIENCE_S, Request, read_requests
from lab.cluster import Cluster, end
from lab.network import CLIENT, VIRTUAL4, VIRTUAL6
from lab.programs import Program
from tests.pulse.director import Director
from tests.pulse.web_service_cf import lvs_cf
from tests.waiting import LIMIT_S, until
from tests.web.browsing import ADMIN, PASSWORD
from tests.web.person import Person

pytestmark = [pytest.mark.kernel, pytest.mark.long]

log = logging.getLogger(__name__)

TIMEOUT_S = 2
KEYS = (f"     timeout = {TIMEOUT_S}", "     check_interval = 1", "     reentry = 1")
VICTIM = "web2"
# The first check after it, or one that was under way.
KILLED = (":80: refused", "reset by the server", "closed without an answer")
SILENT = (f"timed out, no answer within {TIMEOUT_S} s", "host unreachable")
# Two ways there for each answer: to connect, and to ask.
SLOW_MS, TOO_SLOW_MS = 250, 1500
OUT = '<td data-label="Forward">not in the table</td>'
"""What the page says of a server that is out; all others are in all the while."""


@dataclass(frozen=True)
class Failure:
    """A way to fail: how it is brought about and undone, and what the event about it may say.

    `is_silent`: clients notice too, and it is undone only when one of them has.
    """

    begin: Callable[[Cluster], None]
    undo: Callable[[Cluster], None]
    reasons: tuple[str, ...]
    is_silent: bool = False

    def explains(self, text: str) -> bool:
        """Return whether `text` says what comes of it."""
        return any(reason in text for reason in self.reasons)


FAILURES = {
    "killed": Failure(
        lambda cluster: cluster.stop_web_server(VICTIM),
        lambda cluster: cluster.start_web_servers(VICTIM),
        KILLED,
    ),
    "hung": Failure(
        lambda cluster: cluster.hang_web_server(VICTIM),
        lambda cluster: cluster.wake_web_server(VICTIM),
        SILENT,
        True,
    ),
    "cut off": Failure(
        lambda cluster: cluster.cut_off(VICTIM), lambda cluster: cluster.plug_in_again(VICTIM), SILENT, True
    ),
    "too slow": Failure(
        lambda cluster: cluster.slow_down(VICTIM, TOO_SLOW_MS), lambda cluster: cluster.speed_up(VICTIM), SILENT
    ),
}


@dataclass(frozen=True)
class Window:
    """When a failure began, when the server was seen to be out of the table, and when to be in again."""

    failed: float
    out: float
    back: float


@pytest.fixture(scope="module")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A cluster whose servers answer directly or, with NAT, through the director."""
    with Cluster() as built:
        if request.param == "nat":
            built.route_back_through_director()
        yield built


@pytest.mark.parametrize(
    ("cluster", "network", "family", "names"),
    [
        pytest.param("near", "direct", 4, ("killed", "hung"), id="direct routing"),
        pytest.param("near", "direct", 6, ("cut off", "too slow"), id="direct routing over IPv6"),
        pytest.param("near", "tunnel", 4, ("cut off", "killed"), id="tunnels"),
        pytest.param("near", "tunnel", 6, ("hung", "too slow"), id="tunnels over IPv6"),
        pytest.param("nat", "nat", 4, ("too slow", "hung"), id="NAT"),
        pytest.param("nat", "nat", 6, ("killed", "cut off"), id="NAT over IPv6"),
    ],
    indirect=["cluster"],
)
def test_clients_notice_a_failure_only_until_its_server_is_out(
    cluster: Cluster, director: Director, tmp_path: Path, network: str, family: int, names: tuple[str, str]
) -> None:
    director.start()
    director.apply(configuration(network, family))
    begun_with = len(director.status()["events"])
    windows: dict[str, Window] = {}
    with asking(cluster, url(family), tmp_path / "requests") as requests, pages(director) as page:
        wait_for_all_three(requests, since=time.monotonic())
        for name in names:
            windows[name] = suffer(director, FAILURES[name], requests, page)
        stays_in_while_only_slow(director)
    for name, window in windows.items():
        judge(name, window, requests())
    outside = [
        request
        for request in requests()
        if request.failure and not any(may_fail(request, w) for w in windows.values())
    ]
    assert outside == []
    events = director.status()["events"][begun_with:]
    assert [(event["server"], event["kind"]) for event in events] == [(VICTIM, "down"), (VICTIM, "up")] * 2
    for name, event in zip(names, events[::2], strict=True):
        assert FAILURES[name].explains(event["reason"]), event
    for event in events[1::2]:
        assert " checks in a row passed in " in event["reason"]
    assert director.status()["repairs"] == []


def suffer(
    director: Director, failure: Failure, requests: Callable[[], list[Request]], page: Callable[[], str]
) -> Window:
    """Let the victim fail until it is out and undo that until it serves again; the pages have to say so."""
    failed = time.monotonic()
    failure.begin(director.cluster)
    status = director.wait(lambda status: is_out(director, status))
    out = time.monotonic()
    server = victim(status)
    assert failure.explains(server["message"])
    target = last_event(status)["target"]
    row = f'data-key=" {target} {VICTIM}"'
    is_shown(page, row, OUT, server["message"], last_event(status)["reason"])
    if failure.is_silent:
        wait_for(requests, lambda seen: any(request.failure for request in seen if request.ended >= failed))

    failure.undo(director.cluster)
    status = director.wait(lambda status: target in table(director) and not is_out(director, status))
    back = time.monotonic()
    is_shown(page, row, last_event(status)["reason"], without=OUT)
    wait_for_all_three(requests, since=back)
    return Window(failed, out, back)


def is_shown(page: Callable[[], str], *texts: str, without: str = "") -> None:
    """Require that the page has all of `texts`, and not `without`, once it has read what they were taken from."""

    def has_them() -> bool:
        shown = page()
        return all(text in shown for text in texts) and not (without and without in shown)

    until(has_them, lambda: (texts, without, page()))


def stays_in_while_only_slow(director: Director) -> None:
    """Make the victim slow, but not too slow, for two checks: it stays."""
    director.cluster.slow_down(VICTIM, SLOW_MS)
    seen: set[float | None] = set()

    def is_seen_twice(status: StatusReport) -> bool:
        server = victim(status)
        if (server["duration_ms"] or 0) >= 2 * SLOW_MS:
            seen.add(server["checked_at"])
        assert server["state"] == "up", server
        return len(seen) == 2

    director.wait(is_seen_twice)
    director.cluster.speed_up(VICTIM)


def judge(name: str, window: Window, requests: list[Request]) -> None:
    """Require that of the requests of `window` only those failed that the victim got."""
    lasted = [request for request in requests if window.failed <= request.began < window.back]
    begun = [seconds for seconds in lasted if seconds.began < window.out]
    failed = [start for start in begun if start.failure]
    assert {"web1", "web3"} <= {seconds.by for seconds in lasted}, name
    # The scheduler deals in turn: every third request went to the victim.
    assert len(failed) <= len(begun) / 3 + 2, (name, len(begun), failed)
    log.info(
        "%s: out after %.1f s, in again %.1f s later; of %d requests until it was out %d failed",
        name,
        window.out - window.failed,
        window.back - window.out,
        len(begun),
        len(failed),
    )


def may_fail(request: Request, window: Window) -> bool:
    """Return whether `request` may have been given to a server that had failed and was not yet out."""
    return request.ended >= window.failed and request.began < window.out


def configuration(network: str, family: int) -> str:
    leg = 7 if network == "nat" else 6
    if family == 6:
        return lvs_cf(1, *KEYS, network=network, address=f"{VIRTUAL6} eth0", subnet=f"fd3{leg}::1")
    return lvs_cf(1, *KEYS, network=network, subnet=f"10.3{leg}.0.1")


def url(family: int) -> str:
    return f"http://[{VIRTUAL6}]/" if family == 6 else f"http://{VIRTUAL4}/"


def victim(status: StatusReport) -> ServerReport:
    return next(server for server in status["servers"] if server["name"] == VICTIM)


def last_event(status: StatusReport) -> EventReport:
    return status["events"][-1]


def table(director: Director) -> str:
    """Return what the kernel holds, by ipvsadm's word."""
    return director.run("ipvsadm", "-Sn")


def is_out(director: Director, status: StatusReport) -> bool:
    server = victim(status)
    address = f"[{server['address']}]" if ":" in server["address"] else server["address"]
    return server["state"] == "down" and f"-r {address}:80 " not in table(director)


@contextmanager
def asking(cluster: Cluster, url: str, path: Path) -> Iterator[Callable[[], list[Request]]]:
    """Let the client ask all the time; yield what reads the requests that have ended."""
    process = cluster.start_program(Program("lab.asker", (url, str(path)), CLIENT.name))
    try:
        yield lambda: read_requests(path)
        process.terminate()
        assert process.wait(PATIENCE_S + LIMIT_S) == 0
    finally:
        end(process)


def wait_for_all_three(requests: Callable[[], list[Request]], since: float) -> None:
    """Return when each server has answered a request begun after `since`."""
    wanted = {"web1", "web2", "web3"}
    wait_for(requests, lambda seen: wanted <= {request.by for request in seen if request.began >= since})


def wait_for(requests: Callable[[], list[Request]], condition: Callable[[list[Request]], bool]) -> None:
    """Return when `condition` holds for the requests that have ended; fail after a deadline."""
    until(lambda: condition(requests()), lambda: requests()[-10:])


@contextmanager
def pages(director: Director) -> Iterator[Callable[[], str]]:
    """Yield what returns the page CONTROL/MONITORING of a web part that asks the pulse of `director`."""
    state = director.installation.directory / "pages"
    state.mkdir()
    settings = Settings(
        lvs_cf=state / "lvs.cf",
        state_directory=state,
        runtime_directory=director.installation.runtime_directory,
        database_url=f"sqlite:///{state / 'palometa.db'}",
    )
    migrate(settings.database_url)
    with closing(open_store(settings.database_url)) as store:
        user = store.users.create(ADMIN, PASSWORD)
        client = create_app(settings, store).test_client()
        client.set_cookie(cookie_name(settings, "session"), store.sessions.open(user, "127.0.0.1"))
        yield lambda: unescape(Person(client).get("/control/table").text)
