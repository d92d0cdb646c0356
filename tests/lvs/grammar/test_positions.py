"""From the path of a problem back to the line it speaks of."""

import pytest

from app.lvs.grammar.positions import located, spot_of
from app.lvs.grammar.reader import parse
from app.lvs.model.problem import Path
from app.lvs.rules.rulebook import check

TEXT = b"""# a comment
serial_no = 1
network = direct

# the web
virtual A {
     active = 1
     address = 10.0.0.1 eth0:1

     server one {
         address = 10.0.0.11
     }
     # in between
     server two {
         weight = 1
         weight = 70000
     }
     port = 70000
}
virtual B {
     server three {
\t address = 10.0.0.13
     }
}
keepalive = 3
"""

PLACES: list[tuple[Path, tuple[int, int]]] = [
    (("serial_no",), (2, 1)),
    (("keepalive",), (25, 1)),
    (("deadtime",), (0, 0)),
    (("virtual", 0), (6, 1)),
    (("virtual", 0, "address", "device"), (8, 6)),
    (("virtual", 0, "port"), (18, 6)),
    (("virtual", 0, "scheduler"), (6, 1)),
    (("virtual", 0, "server", 0, "address"), (11, 10)),
    (("virtual", 0, "server", 1, "weight"), (16, 10)),
    (("virtual", 1, "server", 0, "address"), (22, 3)),
    (("virtual", 1, "server", 0, "name"), (21, 6)),
    (("virtual", 7, "name"), (0, 0)),
]


@pytest.mark.parametrize(("path", "spot"), PLACES)
def test_it_finds_the_line_of_a_key_or_else_of_its_block(path: Path, spot: tuple[int, int]) -> None:
    config = parse(TEXT).config
    assert config is not None
    assert spot_of(config, path) == spot


def test_the_problems_of_the_rules_get_their_lines() -> None:
    config = parse(TEXT).config
    assert config is not None
    lines = {problem.path: problem.line for problem in located(config, check(config))}
    assert lines["virtual", 0, "port"] == 18
    assert lines["virtual", 0, "server", 1, "weight"] == 16
