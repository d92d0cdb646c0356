"""Advice: every warning about the whole configuration, each with the page where it can be fixed."""

from dataclasses import dataclass

from flask import url_for

from app.lvs.model.config import Config
from app.lvs.model.problem import Path, Severity
from app.store import Snapshot
from app.web.change.findings import in_words
from app.web.forms.pages import SCRIPT_INPUTS, global_inputs, redundancy_inputs
from app.web.frame.current import current

SHOWN_MAX = 100

_ON_SCRIPTS = frozenset(asked.keyword.name for asked in SCRIPT_INPUTS)
_ON_GLOBAL = frozenset(asked.keyword.name for asked in global_inputs(with_nat=True))


@dataclass(frozen=True, slots=True)
class Advice:
    """One warning in words; `page` is where its box is, None where no page has one."""

    text: str
    page: str | None


@dataclass(frozen=True, slots=True)
class AdviceList:
    """The warnings in the order of the file; `count` is that of all, more than are in `shown`."""

    count: int
    shown: list[Advice]


def list_advice(snapshot: Snapshot, config: Config) -> AdviceList:
    """Return what the rules warn of in `config`, which is what the pages show for `snapshot`."""
    problems = current.judge.problems(config, current.machine())
    warnings = [problem for problem in problems if problem.severity is Severity.WARNING]
    shown = [
        Advice(in_words(config, problem), _page_of(snapshot, config, problem.path))
        for problem in warnings[:SHOWN_MAX]
    ]
    return AdviceList(len(warnings), shown)


def _page_of(snapshot: Snapshot, config: Config, path: Path) -> str | None:
    match path:
        case ("virtual", int(position), "server", int(place), *_):
            row = snapshot.virtual[position]
            return url_for("real_server.page", row_id=row.id, server_id=row.servers[place].id)
        case ("virtual", int(position), str(key), *_) if key in _ON_SCRIPTS:
            return url_for("monitoring_scripts.page", row_id=snapshot.virtual[position].id)
        case ("virtual", int(position), *_):
            return url_for("virtual_server.page", row_id=snapshot.virtual[position].id)
        case (str(key), *_) if key in {asked.keyword.name for asked in redundancy_inputs(config)}:
            return url_for("redundancy.page")
        case (str(key), *_) if key in _ON_GLOBAL:
            return url_for("global_settings.page")
    return None
