"""The real pulse, with the rights it has when installed, keeps what the kernel counted of real traffic."""

import time
from typing import Any, cast

import pytest

from app.host.control_client import ask
from app.lvs.reports.history import HistoryReport, PointReport
from app.lvs.reports.past import EventsReport, HeldReport, PastTableReport
from lab.network import VIRTUAL4
from tests.pulse.director import Director
from tests.pulse.web_service_cf import lvs_cf
from tests.web import past_double

pytestmark = pytest.mark.kernel

SERVICE = f"tcp {VIRTUAL4}:80"
RATES = ("connections", "packets_in", "packets_out", "bytes_in", "bytes_out")


def points(director: Director, **series: Any) -> list[PointReport]:
    report = cast(HistoryReport, ask(director.socket, "history", {"span_s": 600, **series}))
    return [point for point in report["points"] if point["connections"] is not None]


def counted(found: list[PointReport], name: str) -> float:
    """Return what the rates `name` amount to."""
    return sum(cast(dict[str, float], point)[name] * point["step_s"] for point in found)


def test_what_is_kept_of_traffic_is_what_the_kernel_counted_and_survives_a_restart(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1))
    director.wait(lambda _: points(director, service=SERVICE))
    assert len(director.answers(f"http://{VIRTUAL4}/", 60)) == 60
    over = director.status()["now"]
    # A sample goes by a reading of the second before.
    director.wait(lambda _: points(director, service=SERVICE)[-1]["at"] > over + 2)
    [service] = director.status()["services"]
    kernel = cast(dict[str, int], service["counters"])
    found = points(director, service=SERVICE)
    # Between two readings are ten seconds and what pulse was late, so only the sum is known so well.
    assert counted(found, "connections") == pytest.approx(60, rel=0.25)
    for name in RATES:
        ratio = counted(found, name) / counted(found, "connections")
        assert ratio == pytest.approx(kernel[name] / kernel["connections"], rel=0.01)
    director_s = points(director)
    each = [points(director, service=SERVICE, server=f"10.36.0.1{n}:80") for n in (1, 2, 3)]
    assert counted(director_s, "bytes_in") == pytest.approx(counted(found, "bytes_in"))
    for share in each:
        assert counted(share, "connections") == pytest.approx(counted(found, "connections") / 3, rel=0.25)
    past = cast(PastTableReport, ask(director.socket, "table_at", {"at": time.time()}))
    [then] = past["services"]
    assert (then["owner"], then["address"], past["serial_no"]) == ("WEB", str(VIRTUAL4), 1)
    assert {(destination["name"], destination["weight"]) for destination in then["destinations"]} == {
        (f"web{n}", 1) for n in (1, 2, 3)
    }
    # What the pages are tested with has the shape of what they get.
    [of_double] = past_double.past_table({"at": time.time()})["services"]
    assert then.keys() == of_double.keys()
    assert then["destinations"][0].keys() == of_double["destinations"][0].keys()
    for more in ({}, {"shares": ["10.36.0.11:80"]}, {"recent": [SERVICE]}):
        question: dict[str, Any] = {"service": SERVICE, "span_s": 600, **more}
        told = ask(director.socket, "history", question)
        assert told.keys() == past_double.history(question).keys()
    [now] = cast(HeldReport, ask(director.socket, "held", {"service": SERVICE}))["services"]
    assert (now["owner"], len(now["destinations"]), now.keys()) == ("WEB", 3, then.keys())
    events = cast(EventsReport, ask(director.socket, "events"))["events"]
    assert {event["server"] for event in events if event["kind"] == "up"} == {"web1", "web2", "web3"}
    director.kill()
    director.start()
    assert points(director, service=SERVICE)[: len(found)] == found
    assert director.installation.directory.joinpath("history/services/10").is_dir()
