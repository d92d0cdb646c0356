"""What the stand-in for pulse tells of the past: a history with a gap, and the table as it was."""

import math
import time
from collections.abc import Mapping
from typing import Any, cast

from app.lvs.reports.history import HistoryReport, PointReport, RecentReport, SharesReport
from app.lvs.reports.past import PastTableReport

RECENT = 60


def history(question: Mapping[str, Any]) -> HistoryReport | SharesReport | RecentReport:
    """Return the answer to "history": a wave, of which the middle is not known."""
    until = int(time.time())
    if "recent" in question:
        values: list[float | None] = [None, *map(float, range(1, RECENT))]
        return RecentReport(until=until, step_s=10, series=dict.fromkeys(question["recent"], values))
    since = until - question["span_s"]
    if "shares" in question:
        amounts = {place: {"connections": 100.0 * n, "bytes": None} for n, place in enumerate(question["shares"])}
        return cast(SharesReport, {"since": since, "until": until, "shares": amounts})
    step_s = max(10, question["span_s"] // 360)
    points = [point(at, step_s, (at - since) / (until - since)) for at in range(since + step_s, until, step_s)]
    return HistoryReport(since=since, until=until, points=points)


def point(at: int, step_s: int, part: float) -> PointReport:
    """Return the point of a wave at `part` of the time."""
    height = None if 0.45 < part < 0.55 else 1 + math.sin(12 * part)
    values = [
        None if height is None else round(scale * height, 3) for scale in (40, 900, 700, 4e5, 6e6, 1200, 3000)
    ]
    names = ("connections", "packets_in", "packets_out", "bytes_in", "bytes_out", "active", "inactive")
    return cast(PointReport, {"at": at, "step_s": step_s, **dict(zip(names, values, strict=True))})


def past_table(question: Mapping[str, Any]) -> PastTableReport:
    """Return the answer to "table_at": a table of one service, known up to now and not before 1_000_000_000."""
    asked = float(question["at"])
    if not 1_000_000_000 <= asked <= time.time():
        return PastTableReport(
            asked=asked, at=None, before=None, after=1_000_000_000, kernel="", serial_no=0, services=[]
        )
    at = int(asked) // 60 * 60
    server = {"name": "web1", "address": "192.168.26.21", "port": 80, "forward": "Route", "weight": 3}
    service = {
        "owner": "web",
        "protocol": "TCP",
        "family": 4,
        "address": "192.168.26.10",
        "port": 80,
        "fwmark": 0,
        "scheduler": "wlc",
        "flags": "persistent 300",
        "destinations": [{**server, "active": 17, "inactive": 230}],
    }
    return cast(
        PastTableReport,
        {
            "asked": asked,
            "at": at,
            "before": at - 60,
            "after": at + 60,
            "kernel": "1.2.1 (size=4096)",
            "serial_no": 41,
            "services": [service],
        },
    )
