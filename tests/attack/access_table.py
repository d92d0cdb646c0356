"""The table in docs/security.md that says who may do what, and the addresses as it names them."""

import enum
import re
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from tests.web.clusters import Ids

PAPER = Path(__file__).parents[2] / "docs" / "security.md"
HEADING = "| look | change | addresses |"
ARGUMENT = re.compile(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>")
"""Of a rule: the kind of an argument, its choices, and its name."""
PLACEHOLDERS = {
    "row_id": "ID",
    "virtual_id": "ID",
    "server_id": "ID",
    "token_id": "ID",
    "serial_no": "SERIAL",
    "address": "ADDRESS",
    "token": "TOKEN",
    "name": "NAME",
    "filename": "NAME",
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Who(enum.StrEnum):
    """Who may do something, in the words of the table."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"
    READ = "token: read"
    OPERATE = "token: operate"
    ADMIN = "token: admin"
    NOBODY = "–"


@dataclass(frozen=True, slots=True)
class Access:
    """A row: who may look at its addresses, and who may change something there."""

    look: Who
    change: Who

    def to(self, method: str) -> Who:
        """Return who may send `method`; OPTIONS, who may send any other."""
        if method == "OPTIONS" and self.look is Who.NOBODY:
            return self.change
        return self.look if method in SAFE else self.change


def access_table() -> dict[str, Access]:
    """Return the row of each address in docs/security.md, as `/virtual/ID`; no address stands twice."""
    lines = PAPER.read_text().partition(HEADING)[2].strip().splitlines()[1:]
    table: dict[str, Access] = {}
    for line in lines:
        if not line.startswith("|"):
            break
        look, change, addresses = (cell.strip() for cell in line.strip("|").split("|"))
        for address in re.findall(r"`([^`]+)`", addresses):
            assert address not in table, f"{address} stands in the table twice"
            table[address] = Access(Who(look), Who(change))
    assert table, f"no table {HEADING} in {PAPER}"
    return table


def addresses_of(rule: Rule) -> list[str]:
    """Return the addresses of a rule as the table names them; several where an argument is one of some words."""
    choices = next((found[1] for found in ARGUMENT.findall(rule.rule) if found[0] == "any"), "")
    if choices:
        return [ARGUMENT.sub(word.strip(" '"), rule.rule) for word in choices.split(",")]
    return [ARGUMENT.sub(lambda found: PLACEHOLDERS[found[3]], rule.rule)]


def methods_of(app: Flask) -> dict[str, set[str]]:
    """Return the methods that each address of `app` takes."""
    methods: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        for address in addresses_of(rule):
            methods.setdefault(address, set()).update(rule.methods or ())
    return methods


def filled_in(address: str, ids: Ids) -> str:
    """Return `address` of something that exists."""
    parents = address.replace("/ID/real/ID", f"/{ids.web}/real/{ids.rs1}").replace("/ID", f"/{ids.web}")
    for word, value in (("SERIAL", "1"), ("ADDRESS", "192.168.26.21"), ("TOKEN", "x"), ("NAME", "x")):
        parents = parents.replace(word, value)
    return parents
