"""Pulse is killed and started again while servers are down, in maintenance and in drain: nobody notices."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.lvs.reports.status import ServerReport, StatusReport
from lab.cluster import Cluster, end
from lab.network import CLIENT, DIRECTOR, VIRTUAL4
from tests.pulse.director import Director
from tests.pulse.web_service_cf import lvs_cf
from tests.waiting import until

pytestmark = pytest.mark.kernel

KEYS = ("     timeout = 2", "     check_interval = 1", "     reentry = 1")
NAMES = ("web1", "web2", "web3", "web4")
ADMIN = {
    "web1": ("         admin_state = maintenance", '         admin_reason = "a new disk"'),
    "web2": ("         admin_state = drain", '         admin_reason = "an upgrade"'),
}
KILLS = 3


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One server for each state."""
    with Cluster(web_servers=len(NAMES)) as built:
        yield built


def test_a_killed_pulse_loses_no_word_of_an_administrator_and_no_connection(
    cluster: Cluster, director: Director, tmp_path: Path
) -> None:
    director.start()
    director.apply(lvs_cf(1, *KEYS, servers=len(NAMES)))
    with downloads(cluster, tmp_path) as parts:
        director.apply(administered(lvs_cf(2, *KEYS, servers=len(NAMES))))
        cluster.stop_web_server("web4")
        status = director.wait(has_settled)
        before = table(director)
        events = status["events"]
        assert "10.36.0.11" not in before
        assert "-r 10.36.0.12:80 -g -w 0" in before
        assert "-r 10.36.0.13:80 -g -w 1" in before
        assert "10.36.0.14" not in before
        with watched(cluster, director, tmp_path / "tables") as tables:
            for _ in range(KILLS):
                director.kill()
                director.start()
            # What the last pulse knew of the servers is known at once, before anything is applied.
            status = director.wait(lambda status: status["applied"] and has_settled(status))
            assert status["applied"]["changes"] == 0  # type: ignore[index]
            plan = director.palometa("plan")
            assert (plan.returncode, plan.stdout) == (0, "")
        assert set(tables()) == {before}
        assert status["events"][: len(events)] == events, "a restart forgets no event"
        # What a pulse finds dead when it starts, it says, and nothing else happened.
        assert {(event["server"], event["kind"]) for event in status["events"][len(events) :]} <= {
            ("web4", "down")
        }
        assert {name: (server["admin"], server["admin_reason"]) for name, server in by_name(status).items()} == {
            "web1": ("maintenance", "a new disk"),
            "web2": ("drain", "an upgrade"),
            "web3": ("ready", ""),
            "web4": ("ready", ""),
        }
        assert set(director.answers(f"http://{VIRTUAL4}/", 6)) == {"web3"}
        growing(parts, "web2", "web3")


def test_what_an_administrator_said_ends_by_his_word_only(cluster: Cluster, director: Director) -> None:
    if not cluster.is_serving("web4"):
        cluster.start_web_servers("web4")
    director.start()
    director.apply(administered(lvs_cf(1, *KEYS, servers=len(NAMES))))
    director.wait(lambda status: weights(director) == {"12": 0, "13": 1, "14": 1})
    # Servers an administrator took out are checked all the same: that they are well does not bring them back.
    checked = {name: server["checked_at"] for name, server in by_name(director.status()).items()}
    director.wait(
        lambda status: all(server["checked_at"] != checked[server["name"]] for server in status["servers"])
    )
    assert weights(director) == {"12": 0, "13": 1, "14": 1}
    director.apply(lvs_cf(2, *KEYS, servers=len(NAMES)))
    director.wait(lambda status: weights(director) == {"11": 1, "12": 1, "13": 1, "14": 1})


def administered(text: str) -> str:
    """Return `text` with what an administrator said of its servers."""
    for name, lines in ADMIN.items():
        text = text.replace(f"     server {name} {{\n", "\n".join((f"     server {name} {{", *lines, "")))
    return text


def has_settled(status: StatusReport) -> bool:
    """Return whether each server has been checked since pulse began, and web4 found dead."""
    return {name: server["state"] for name, server in by_name(status).items()} == {
        "web1": "up",
        "web2": "up",
        "web3": "up",
        "web4": "down",
    } and not any(server["is_in"] for name, server in by_name(status).items() if name in ("web1", "web4"))


def by_name(status: StatusReport) -> dict[str, ServerReport]:
    return {server["name"]: server for server in status["servers"]}


def table(director: Director) -> str:
    return director.run("ipvsadm", "-Sn")


def weights(director: Director) -> dict[str, int]:
    """Return the weight of each server in the kernel by the last part of its address."""
    lines = [line.split() for line in table(director).splitlines() if line.startswith("-a")]
    return {words[4].partition(":")[0].rpartition(".")[2]: int(words[-1]) for words in lines}


@contextmanager
def downloads(cluster: Cluster, directory: Path) -> Iterator[dict[str, Path]]:
    """Begin a download that lasts from each of the servers; yield by name where it is written to."""
    files = [directory / f"download{number}" for number in range(len(NAMES))]
    url = f"http://{VIRTUAL4}/slow?s=600"
    started = [cluster.start(CLIENT.name, ["curl", "-sN", "-o", str(file), url]) for file in files]
    try:
        until(lambda: all(file.exists() and file.read_text() for file in files), "each download begins")
        found = {file.read_text().split()[0]: file for file in files}
        assert set(found) == set(NAMES), "one from each server"
        yield found
    finally:
        for process in started:
            end(process)


def growing(parts: dict[str, Path], *names: str) -> None:
    """Require that the downloads from `names` still go on, and have had no gap."""
    before = {name: len(lines_of(parts[name])) for name in names}
    until(lambda: all(len(lines_of(parts[name])) > before[name] for name in names), "each download goes on")
    for name in names:
        lines = lines_of(parts[name])
        assert lines == [f"{name} {number}" for number in range(len(lines))]


def lines_of(path: Path) -> list[str]:
    return path.read_text().rpartition("\n")[0].splitlines()


@contextmanager
def watched(cluster: Cluster, director: Director, path: Path) -> Iterator[Callable[[], list[str]]]:
    """Read the kernel's table over and over during the block; yield what returns all that was read."""
    script = 'while ipvsadm -Sn && echo .; do :; done >"$1"'
    process = cluster.start(DIRECTOR.name, ["sh", "-c", script, "sh", str(path)])

    def readings() -> list[str]:
        # The last one may have been ended half-way.
        return path.read_text().split(".\n")[:-1]

    try:
        yield readings
        assert len(readings()) > 2 * KILLS
    finally:
        end(process)
