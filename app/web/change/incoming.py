"""Turns an uploaded file into a configuration: lvs.cf or our JSON, which is detected, with every problem.

Bytes in, a value out; no request, no store. What is refused here is refused by pulse as well.
"""

import enum
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from app.lvs.formats.config_json import JsonRefused, from_json
from app.lvs.grammar.reader import parse
from app.lvs.grammar.value_writer import Unwritable
from app.lvs.grammar.writer import render
from app.lvs.model.config import Config
from app.lvs.model.machine import Machine
from app.lvs.model.name_lookup import NameLookup
from app.lvs.model.problem import Problem, Severity
from app.lvs.rules.rulebook import check

_BOM = b"\xef\xbb\xbf"


class IncomingForm(enum.Enum):
    """What a file is."""

    LVS_CF = "lvs.cf"
    JSON = "JSON"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file, parsed and checked; `config` is None when it cannot be parsed."""

    data: bytes
    form: IncomingForm
    config: Config | None
    problems: tuple[Problem, ...]

    @property
    def accepted(self) -> Config | None:
        """The configuration, or None when one of the problems is an error."""
        return None if any(problem.severity is Severity.ERROR for problem in self.problems) else self.config


def understand(data: bytes, names: NameLookup, machine: Machine | None) -> Incoming:
    """Read `data`, an lvs.cf or a document of ours."""
    # No line of an lvs.cf begins with one of these.
    if data.removeprefix(_BOM).lstrip()[:1] in (b"{", b"["):
        return _judged(_understand_json(data), machine)
    return understand_lvs_cf(data, names, machine)


def understand_lvs_cf(data: bytes, names: NameLookup, machine: Machine | None) -> Incoming:
    """Read `data`, an lvs.cf whatever it looks like."""
    reading = parse(data, names)
    return _judged(Incoming(data, IncomingForm.LVS_CF, reading.config, reading.problems), machine)


def _judged(read: Incoming, machine: Machine | None) -> Incoming:
    if read.config is None:
        return read
    return Incoming(read.data, read.form, read.config, (*read.problems, *check(read.config, machine)))


def _understand_json(data: bytes) -> Incoming:
    try:
        text = data.removeprefix(_BOM).decode()
        config = from_json(json.loads(text, object_pairs_hook=once))
        render(config)
    except UnicodeDecodeError as error:
        return _refused(data, "the JSON is not valid UTF-8 here; save it as UTF-8", data[: error.start])
    except json.JSONDecodeError as error:
        before = error.doc[: error.pos].encode("utf-8", "replace")
        return _refused(data, f"this is not JSON: {error.msg}; use JSON as EXPORT writes it", before)
    except JsonRefused as refused:
        return Incoming(data, IncomingForm.JSON, None, refused.problems)
    except RecursionError:
        return _refused(data, "the JSON is nested too deeply; use JSON as EXPORT writes it")
    except (Unwritable, ValueError) as error:
        return _refused(data, f"{error}")
    return Incoming(data, IncomingForm.JSON, config, ())


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object; JSON lets a key stand twice, of which all but one would be lost without a word."""
    document = dict(pairs)
    if len(document) < len(pairs):
        occurs = Counter(name for name, _ in pairs)
        twice = next(name for name, count in occurs.items() if count > 1)
        raise ValueError(f"the key {twice!r} occurs twice in one object; delete one of them")
    return document


def _refused(data: bytes, message: str, before: bytes | None = None) -> Incoming:
    """Refuse the whole file; `before` is what stands before the place of the trouble."""
    line, column = 0, 0
    if before is not None:
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
    return Incoming(data, IncomingForm.JSON, None, (Problem(Severity.ERROR, (), message, line, column),))
