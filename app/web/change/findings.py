"""The problems of the configuration as it is: beside the fields of a page, or as a banner on it."""

from collections.abc import Iterable

from app.accept.accept import NotSaved, Refused
from app.lvs.keywords.table import Block, keywords_of
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.problem import Path, Problem, Severity
from app.web.forms.form import Form
from app.web.frame.current import current

SHOWN_MAX = 5


def place_findings(config: Config, path: Path, form: Form | None = None) -> list[str]:
    """Put what is wrong with the block at `path` beside the boxes of `form`; return the other errors, in words."""
    problems = current.judge.problems(config, current.machine())
    rest = form.place(problems, path) if form else problems
    errors = [problem for problem in rest if problem.severity is Severity.ERROR]
    sentences = [in_words(config, problem) for problem in errors[:SHOWN_MAX]]
    if len(errors) > SHOWN_MAX:
        sentences.append(f"… and {len(errors) - SHOWN_MAX} more.")
    return sentences


def place_refusal(config: Config, refusal: Refused | NotSaved, form: Form | None = None) -> tuple[list[str], int]:
    """Put what refused a change beside the boxes of `form`; return the rest in words, and the HTTP status."""
    if isinstance(refusal, NotSaved):
        return [f"Nothing was saved. {refusal}"], refusal.code
    rest = form.place(refusal.problems, refusal.path) if form else refusal.problems
    return [in_words(config, problem) for problem in rest], 422


def in_words(config: Config, problem: Problem) -> str:
    """Return the message of `problem` with the names of the servers it is about."""
    where = ", ".join(_words(config, problem.path))
    return f"{where}: {problem.message}" if where else problem.message


def _words(config: Config, path: Path) -> Iterable[str]:
    block: Block = config
    parts = list(path)
    while len(parts) >= 2 and isinstance(parts[1], int):
        word, index = str(parts[0]), parts[1]
        blocks: tuple[VirtualServer, ...] | tuple[RealServer, ...] = getattr(block, word)
        # an object that is only being added is not in `config` yet
        name = f"'{blocks[index].name}'" if index < len(blocks) else f"{index + 1}"
        kind = {"virtual": "virtual server", "server": "real server", "failover": "failover service"}[word]
        yield f"{kind} {name}"
        if index >= len(blocks):
            return
        block, parts = blocks[index], parts[2:]
    keyword = keywords_of(block).get(str(parts[0])) if parts else None
    if keyword is not None:
        yield keyword.label
