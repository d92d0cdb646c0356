"""A stand-in for pulse's control socket: a real unix socket that answers `status` with a recorded report."""

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from app.lvs.report import CountersReport, DestinationReport, ServiceReport, StatusReport

RECORDED = Path(__file__).parent / "status_report.json"


class PulseDouble(socketserver.ThreadingUnixStreamServer):
    """Answers with `report`, which a test may change; counts the questions in `asked`."""

    daemon_threads = True

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), _Answer)
        self.report = recorded_report()
        self.asked = 0

    def document(self) -> StatusReport:
        """Return the report with the clock of now."""
        now = time.time()
        return cast(StatusReport, {**self.report, "now": now, "table_read_at": now})


class _Answer(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        double = cast(PulseDouble, self.server)
        double.asked += 1
        question = json.loads(self.rfile.readline())
        answer: dict[str, Any] = {"ok": False, "error": "unknown verb"}
        if question["verb"] == "status":
            answer = {"ok": True, "answer": double.document()}
        elif question["verb"] == "look":
            applied = double.report["applied"]
            is_applied = applied is not None and applied["serial_no"] >= question["serial_no"]
            answer = {"ok": True, "answer": applied if is_applied else None}
        self.wfile.write(json.dumps(answer).encode() + b"\n")


@contextmanager
def running_pulse(path: Path) -> Iterator[PulseDouble]:
    """Answer on the socket `path` for as long as the block lasts."""
    path.unlink(missing_ok=True)
    with PulseDouble(path) as double:
        thread = threading.Thread(target=double.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield double
        finally:
            double.shutdown()
            thread.join()
            path.unlink()


def recorded_report() -> StatusReport:
    """Return a report as pulse gave it, of a director with services of each kind."""
    return cast(StatusReport, json.loads(RECORDED.read_text()))


def zero_counters() -> CountersReport:
    """Return the counters of an entry nothing has passed yet."""
    return cast(CountersReport, dict.fromkeys(CountersReport.__annotations__, 0))


def a_service(number: int) -> ServiceReport:
    """Return a service with one destination, different for each `number`."""
    destination = DestinationReport(
        name=f"real-{number}",
        address=f"10.2.{number // 250}.{number % 250 + 1}",
        port=80,
        forward="Route",
        weight=1,
        upper_threshold=0,
        lower_threshold=0,
        active=0,
        inactive=0,
        persistent=0,
        counters=zero_counters(),
    )
    return ServiceReport(
        owner=f"virtual-{number}",
        position=number,
        protocol="TCP",
        family=4,
        address=f"10.1.{number // 250}.{number % 250 + 1}",
        port=80,
        fwmark=0,
        scheduler="wlc",
        flags="",
        counters=zero_counters(),
        destinations=[destination],
    )
