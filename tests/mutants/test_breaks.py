"""The breaks of a module: one token each, in what its functions do."""

import ast

from tests.mutants.breaks import breaks

MODULE = '''
LIMIT = 3

class Box:
    size: int = 1

    def is_full(self, count: int, names: list[str]) -> bool:
        """Return whether it is full."""
        for name in names:
            if not name:
                continue
            count += 1
        return count >= self.size and any(names) or f"{count:2}" == "7"
'''


def test_each_changes_one_place_of_a_function() -> None:
    found = breaks(MODULE)
    expected = {
        "if bool(name):",
        "break",
        "count -= 1",
        "count += 2",
        "return None",
        "return count > self.size and any(names) or f",
        "return (count >= self.size or any(names)) or f",
        "return count >= self.size and all(names) or f",
        "return (count >= self.size and any(names)) and f",
        "return count >= self.size and any(names) or f'{count:2}' != '7'",
    }
    assert len(found) == len(expected)
    texts = [broken.text.replace("\n", " ") for broken in found]
    assert [part for part in expected if not any(part in text for text in texts)] == []


def test_what_is_broken_is_still_a_module_and_another_one() -> None:
    whole = ast.unparse(ast.parse(MODULE))
    for broken in breaks(MODULE):
        assert ast.unparse(ast.parse(broken.text)) == broken.text != whole
        assert broken.before != broken.after
