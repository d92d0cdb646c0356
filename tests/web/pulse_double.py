"""A stand-in for pulse's control socket: a real unix socket that answers with recorded reports."""

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from app.lvs.reports.check_test import CheckTrialReport, ServerTrialReport, TracedStep, TrialReport
from app.lvs.reports.connections import ConnectionReport, ConnectionsReport
from app.lvs.reports.drift import DriftReport, KernelServiceReport
from app.lvs.reports.pair import StoryLine
from app.lvs.reports.partner import VerdictRow, VerdictsReport
from app.lvs.reports.status import CountersReport, DestinationReport, EventReport, ServiceReport, StatusReport
from app.web.live.connections import service_text
from tests.web import past_double
from tests.web.table_double import table_answer

RECORDED = Path(__file__).parent / "status_report.json"


class PulseDouble(socketserver.ThreadingUnixStreamServer):
    """Answers with `report`, which a test may change; counts the questions in `asked`.

    `events` are all that it keeps, None: those of the report.
    """

    daemon_threads = True

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), _Answer)
        self.report = recorded_report()
        self.asked = 0
        self.sync = ""
        self.story: list[StoryLine] = []
        self.connections_known: int | None = None
        self.trial: TrialReport = recorded_trial()
        self.tested: list[dict[str, Any]] = []
        self.drift = recorded_drift()
        self.switched: dict[str, Any] = {"ok": False, "error": "This router does not have the virtual IPs."}
        self.switches_asked: list[bool] = []
        self.saved = ["-A -t 192.168.26.10:80 -s wlc"]
        self.tables_asked: list[dict[str, Any]] = []
        self.connections: dict[str, Any] = recorded_connections()
        self.connections_asked: list[dict[str, Any]] = []
        self.history_asked: list[dict[str, Any]] = []
        self.events: list[EventReport] | None = None

    def verdicts(self) -> VerdictsReport:
        """Return in short what the report says of the servers."""
        applied = self.report["applied"]
        servers: list[VerdictRow] = [
            (
                server["virtual"],
                server["name"],
                server["address"],
                server["port"],
                server["state"],
                server["is_in"],
            )
            for server in self.report["servers"]
        ]
        return {
            "mark": "",
            "applied": applied["serial_no"] if applied else None,
            "role": "",
            "sync": self.sync,
            "connections": self.connections_known,
            "has_addresses": None,
            "hears_owner": None,
            "reaches": None,
            "dispute": "",
            "story": self.story,
            "servers": servers,
        }

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
            answer = {"ok": True, "answer": _only(double.document(), question.get("positions"))}
        elif question["verb"] == "table":
            double.tables_asked.append(question)
            answer = {"ok": True, "answer": table_answer(double.document(), question, double.saved)}
        elif question["verb"] == "look":
            applied = double.report["applied"]
            is_applied = applied is not None and applied["serial_no"] >= question["serial_no"]
            answer = {"ok": True, "answer": applied if is_applied else None}
        elif question["verb"] == "verdicts":
            answer = {"ok": True, "answer": double.verdicts()}
        elif question["verb"] == "drift":
            answer = {"ok": True, "answer": double.drift}
        elif question["verb"] == "switch":
            double.switches_asked.append(question["anyway"])
            answer = double.switched
        elif question["verb"] == "test":
            double.tested.append(question)
            answer = {"ok": True, "answer": double.trial}
        elif question["verb"] == "connections":
            double.connections_asked.append(question)
            answer = double.connections
            if "rows" in answer:
                answer = {"ok": True, "answer": answer}
        elif question["verb"] == "history":
            double.history_asked.append(question)
            answer = {"ok": True, "answer": past_double.history(question)}
        elif question["verb"] == "held":
            asked = question["service"]
            held = [service for service in double.report["services"] if asked in ("", service_text(service))]
            answer = {"ok": True, "answer": {"services": held}}
        elif question["verb"] == "table_at":
            answer = {"ok": True, "answer": past_double.past_table(question)}
        elif question["verb"] == "events":
            events = double.report["events"] if double.events is None else double.events
            answer = {"ok": True, "answer": {"now": time.time(), "events": events}}
        self.wfile.write(json.dumps(answer).encode() + b"\n")


def _only(report: StatusReport, positions: list[int] | None) -> StatusReport:
    """Return `report`, with the services and servers at `positions` only if they are given."""
    if positions is None:
        return report
    services = [service for service in report["services"] if service["position"] in positions]
    servers = [server for server in report["servers"] if server["position"] in positions]
    return {**report, "services": services, "servers": servers, "ipvsadm": []}


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


def new_report() -> StatusReport:
    """Return the report of a pulse that has not had a configuration yet."""
    return {
        **recorded_report(),
        "applied": None,
        "repairs": [],
        "addresses": [],
        "services": [],
        "servers": [],
        "events": [],
        "ipvsadm": [],
    }


def recorded_trial() -> TrialReport:
    """Return the answer to "test" of one server that is well and one that is not."""
    steps = [
        TracedStep(at_ms=0.0, text="TCP connect to 192.168.26.21:80"),
        TracedStep(at_ms=0.4, text="sent 'GET / HTTP/1.0\\r\\n\\r\\n'"),
        TracedStep(at_ms=1.2, text="received 'HTTP/1.1 200 OK\\r\\n'"),
    ]
    well = CheckTrialReport(
        kind="send and expect",
        target="192.168.26.21 port 80",
        outcome="passed",
        message="READ from 192.168.26.21:80: answered as expected",
        duration_ms=1.3,
        steps=steps,
    )
    refused = CheckTrialReport(
        kind="send and expect",
        target="192.168.26.22 port 80",
        outcome="failed",
        message="TCP connect to 192.168.26.22:80: refused",
        duration_ms=0.3,
        steps=[TracedStep(at_ms=0.0, text="TCP connect to 192.168.26.22:80")],
    )
    servers = [ServerTrialReport(name="rs1", checks=[well]), ServerTrialReport(name="rs2", checks=[refused])]
    return TrialReport(servers=servers)


def recorded_drift() -> DriftReport:
    """Return the answer to "drift" of a director whose table is as wanted, with one service of somebody else's."""
    service: KernelServiceReport = {
        "family": 4,
        "transport": "TCP",
        "address": "192.168.26.99",
        "port": 99,
        "fwmark": 0,
        "scheduler": "sed",
        "scheduler_flags": 0,
        "persistent_s": 300,
        "netmask": 0xFFFFFF00,
        "one_packet": False,
        "persistence_engine": "",
        "destinations": [
            {
                "address": address,
                "port": 99,
                "forward": "ROUTE",
                "weight": weight,
                "upper_threshold": 100,
                "lower_threshold": 80,
                "tunnel_type": "ipip",
                "tunnel_port": 0,
                "tunnel_checksum": "nocsum",
            }
            for address, weight in (("192.168.26.21", 7), ("192.168.26.77", 1))
        ],
    }
    return {"read_at": time.time(), "is_known": True, "steps": [], "foreign": [service]}


def recorded_connections() -> dict[str, Any]:
    """Return the answer to "connections" of a director with three entries to show of many."""

    def row(client: str, port: int, state: str, expires_s: int) -> ConnectionReport:
        return ConnectionReport(
            protocol="TCP",
            client=client,
            client_port=port,
            virtual="192.168.26.10",
            virtual_port=443,
            server="192.168.26.21",
            server_port=443,
            state=state,
            expires_s=expires_s,
            engine="",
            engine_data="",
            is_template=port == 0,
            fwmark=0,
        )

    report = ConnectionsReport(
        at=time.time(),
        took_ms=1503.1,
        entries=1_000_000,
        found=25_301,
        templates=120,
        is_complete=True,
        rows=[
            row("203.0.113.7", 50578, "ESTABLISHED", 899),
            row("203.0.113.0", 0, "ASSURED", 299),
            row("2001:db8:cafe::7", 40001, "FIN_WAIT", 61)
            | {"virtual": "2001:db8:26::10", "server": "2001:db8::5"},
        ],
        states=[{"state": "ESTABLISHED", "count": 25_000}, {"state": "FIN_WAIT", "count": 301}],
        clients=[{"client": "203.0.113.7", "count": 24_000}],
        servers=[{"server": "192.168.26.21", "port": 443, "count": 25_301}],
        short_by=0,
        next_servers=[],
    )
    return cast(dict[str, Any], report)


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


def a_large_service(number: int) -> ServiceReport:
    """Return a service with ten destinations, different for each `number`."""
    service = a_service(number)
    [one] = service["destinations"]
    address = f"10.{100 + number // 250}.{number % 250}"
    service["destinations"] = [
        DestinationReport(**{**one, "name": f"real-{place}", "address": f"{address}.{place + 1}"})
        for place in range(10)
    ]
    return service
