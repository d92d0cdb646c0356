"""The control verb "connections": bounded whatever the length of the table, and the loop goes on meanwhile."""

import asyncio
import os
import resource
from pathlib import Path

import pytest

from app.lvs.ipvs.service_names import read_service
from app.lvs.reports.connections import ConnectionsReport
from app.pulse.process.control import VerbRefused
from app.pulse.table.connections import Connections
from tests.lvs.ipvs.connection_lines import LINES, TABLE, TITLE

MANY = 1_000_000


@pytest.fixture
def few(tmp_path: Path) -> Path:
    path = tmp_path / "ip_vs_conn"
    path.write_bytes(b"\n".join([TITLE, *LINES, b""]))
    return path


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("many") / "ip_vs_conn"
    with path.open("wb") as file:
        file.write(TITLE + b"\n")
        for number in range(MANY):
            client = 0x0A000000 + number % 200_000
            file.write(
                b"TCP %08X %04X 0A090001 0050 7F000001 0050 ESTABLISHED     899\n"
                % (client, 1024 + number // 200_000)
            )
    return path


def ask(path: Path, limit_s: float = 60.0, **request: object) -> ConnectionsReport:
    return asyncio.run(Connections(lambda: TABLE, path, limit_s).answer(request))


def test_it_counts_all_and_shows_the_entries(few: Path) -> None:
    report = ask(few)
    assert (report["entries"], report["found"], report["templates"], report["is_complete"]) == (8, 8, 3, True)
    assert report["rows"][0] == {
        "protocol": "TCP",
        "client": "10.9.0.1",
        "client_port": 50578,
        "virtual": "10.9.0.1",
        "virtual_port": 80,
        "server": "127.0.0.1",
        "server_port": 80,
        "state": "CLOSE_WAIT",
        "expires_s": 59,
        "engine": "",
        "engine_data": "",
        "is_template": False,
        "fwmark": 0,
    }
    assert {"state": "ESTABLISHED", "count": 3} in report["states"]
    assert {"client": "10.9.0.1", "count": 2} in report["clients"]
    assert {"server": "fd00::1", "port": 80, "count": 1} in report["servers"]
    assert report["next_servers"] == []


def test_a_limit_bounds_the_rows_and_not_the_sums(few: Path) -> None:
    report = ask(few, limit=2)
    assert (len(report["rows"]), report["found"]) == (2, 8)


def test_a_client_is_told_its_servers_even_where_no_row_is_asked_for(few: Path) -> None:
    report = ask(few, client="10.9.0.1", service="tcp 10.9.0.1:80", limit=0)
    [where] = report["next_servers"]
    assert (where["service"], where["why"], where["server"], where["port"], where["expires_s"]) == (
        "tcp 10.9.0.1:80",
        "template",
        "127.0.0.1",
        80,
        299,
    )
    assert report["rows"] == []


def test_a_filter_that_is_not_understood_is_refused_with_a_sentence(few: Path) -> None:
    with pytest.raises(VerbRefused, match="'pc7' is not an address"):
        ask(few, client="pc7")
    with pytest.raises(VerbRefused, match=r"invalid arguments of .*got `int` - at `\$.client`"):
        ask(few, client=7)
    with pytest.raises(VerbRefused, match="is not a service"):
        ask(few, service="nothing")


def test_a_kernel_without_the_table_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(VerbRefused, match="modprobe ip_vs"):
        ask(tmp_path / "ip_vs_conn")


def test_a_table_that_takes_too_long_is_told_as_far_as_it_was_read(many: Path) -> None:
    report = ask(many, limit_s=0.0)
    assert not report["is_complete"]
    assert 0 < report["entries"] < MANY


def test_a_million_entries_are_counted_while_the_loop_goes_on(many: Path) -> None:
    async def both() -> tuple[ConnectionsReport, int]:
        asked = asyncio.ensure_future(Connections(lambda: TABLE, many, 120.0).answer({"service": "10.9.0.1:80"}))
        turns = 0
        while not asked.done():
            await asyncio.sleep(0.001)
            turns += 1
        return await asked, turns

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report, turns = asyncio.run(both())
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (report["entries"], report["found"], len(report["rows"])) == (MANY, MANY, 1000)
    # Each client has five; with more clients than are counted each is known to within `short_by`.
    assert report["short_by"] >= 5 - max(client["count"] for client in report["clients"])
    assert turns > 50
    assert grown_kb < 64 * 1024


def test_requests_beyond_a_short_queue_are_refused(few: Path) -> None:
    async def all_at_once() -> list[object]:
        verb = Connections(lambda: TABLE, few, 60.0)
        return await asyncio.gather(*(verb.answer({}) for _ in range(12)), return_exceptions=True)

    answers = asyncio.run(all_at_once())
    refused = [answer for answer in answers if isinstance(answer, VerbRefused)]
    assert len(refused) == 4
    assert "try again" in str(refused[0])


def test_a_thread_ends_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)

    async def leave() -> None:
        asked = asyncio.ensure_future(Connections(lambda: TABLE, fifo, 60.0).answer({}))
        writer = await asyncio.to_thread(os.open, fifo, os.O_WRONLY)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        # The writer stays open: only the thread itself can end the reading, after the next line.
        try:
            async with asyncio.timeout(10):
                while True:
                    os.write(writer, LINES[0] + b"\n")
                    await asyncio.sleep(0.01)
        finally:
            os.close(writer)

    with pytest.raises(BrokenPipeError):
        asyncio.run(leave())


def test_the_service_asked_for_is_one_of_the_tables(few: Path) -> None:
    assert read_service("fwm 7") in TABLE
    assert ask(few, service="fwm 7")["found"] == 2
