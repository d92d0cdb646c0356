"""What lasts is measured by the clock that nobody sets: the time of day only tells people when something was."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lab.cluster import CLONE

PULSE = CLONE / "app" / "pulse"
TIME_OF_DAY = {
    ("events/log.py", "record"): "when an event was",
    ("events/log.py", "answer"): "when the events were asked for",
    ("events/notifier.py", "_deliver"): "when a message was written",
    ("health/keeper.py", "apply_config"): "whether the end of what an administrator said of a server has come",
    ("health/keeper.py", "tick"): "the same",
    ("health/keeper.py", "times"): "the same",
    ("history/ticks.py", "ticks"): "samples are of times of day; it waits for one step at most",
    ("history/traffic.py", "run"): "which samples on disk are of the last minutes",
    ("history/traffic.py", "answer"): "the same",
    ("history/traffic.py", "_recent_report"): "the same",
    ("pair/keeper.py", "report"): "when the partner was heard",
    ("reconciler.py", "apply"): "when a configuration was applied",
    ("reconciler.py", "repair"): "when the table was repaired",
    ("split_brain/detector.py", "_set_dispute"): "since when there are two owners",
    ("status.py", ""): "when pulse started",
    ("status.py", "pulse"): "when the status was asked for",
    ("table/connections.py", "_report"): "when the connections were read",
    ("table/keeper.py", "epoch"): "when the table was read",
    ("vrrp/clock_watch.py", "jump"): "whether the time of day was set",
    ("vrrp/events.py", "__init__"): "since when this router has its role",
    ("vrrp/events.py", "set_role"): "the same",
}
"""Who in pulse asks for the time of day, and what for. None of these decides how long something lasts."""
ASKING = ("time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today")


def asking(path: Path) -> Iterator[str]:
    """Yield the function around each place that names a way to ask for the time of day; "": there is none."""
    tree = ast.parse(path.read_text())
    assert not any(isinstance(node, ast.ImportFrom) and node.module == "time" for node in ast.walk(tree)), path
    around = {
        id(inner): function.name
        # Outer functions come first, so that the innermost one stays.
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node).endswith(ASKING):
            yield around.get(id(node), "")


def test_pulse_asks_for_the_time_of_day_only_to_tell_it() -> None:
    found = Counter(
        (str(path.relative_to(PULSE)), function) for path in PULSE.rglob("*.py") for function in asking(path)
    )
    assert sorted(found) == sorted(TIME_OF_DAY), "an interval is measured with time.monotonic()"


def test_the_domain_has_no_clock() -> None:
    found = {str(path): list(asking(path)) for path in (CLONE / "app" / "lvs").rglob("*.py")}
    assert {path: functions for path, functions in found.items() if functions} == {}
    imported = {
        alias.name
        for path in (CLONE / "app" / "lvs").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert "time" not in imported
