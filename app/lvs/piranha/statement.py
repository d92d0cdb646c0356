"""One statement of lvs.cf under Piranha's own rules: which words it took at which place, and its error else."""

from collections.abc import Sequence

from app.lvs.grammar.lexer import Word
from app.lvs.grammar.line import BLOCK_WORDS
from app.lvs.keywords.secret_keys import WITHHELD_KEYS
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.keyword import BlockKind, Keyword, Value, ValueKind
from app.lvs.model.name_lookup import NameLookup
from app.lvs.model.printable import shown
from app.lvs.piranha.value import PiranhaRefused, value_as_piranha

PIRANHA_KEYWORDS = {
    place: {name: keyword for name, keyword in KEYWORDS[place].items() if keyword.piranha} for place in BlockKind
}


def opens_block(place: BlockKind, words: Sequence[Word]) -> bool:
    """Whether the statement begins a block; raises PiranhaRefused if it tries to and does not."""
    if words[0].text not in BLOCK_WORDS[place]:
        return False
    opening = f"{words[0].text} NAME {{"
    if len(words) < 3:
        detail = f"{words[0].text} is followed by {len(words) - 1} words; write {opening} on one line"
        raise PiranhaRefused("missing arguments", detail, words[-1].start)
    if len(words) > 3:
        detail = f"{shown(words[3].text)} is one word too many; write {opening}"
        raise PiranhaRefused("unexpected arguments", detail, words[3].start)
    if words[2].text != "{":
        detail = f"{shown(words[2].text)} was found instead of the brace; write {opening}"
        raise PiranhaRefused("missing arguments", detail, words[2].start)
    return True


def setting_as_piranha(place: BlockKind, words: Sequence[Word], names: NameLookup) -> tuple[Keyword, Value | None]:
    """Return the key the statement sets, and its value (None: ignored). Raises PiranhaRefused."""
    first = words[0]
    keyword = PIRANHA_KEYWORDS[place].get(first.text)
    if keyword is None:
        where = f"in a {place} block" if place else "outside all blocks"
        raise PiranhaRefused(
            "unknown command", f"{shown(first.text)} is not a key Piranha knows {where}", first.start
        )
    if len(words) < 2 or words[1].text != "=":
        detail = f"write {first.text} = VALUE, with blanks around the ="
        column = words[1].start if len(words) > 1 else first.end
        raise PiranhaRefused("equal (=) expected after command", detail, column, first.text)
    _count(keyword, words)
    return keyword, value_as_piranha(keyword, words[2:], names)


def _count(keyword: Keyword, words: Sequence[Word]) -> None:
    if keyword.kind is ValueKind.WORDS:
        return
    needed = 4 if keyword.kind is ValueKind.FLOATING else 3
    accepted = "an address and a device are accepted" if needed == 4 else "one value is accepted"
    if len(words) < needed:
        detail = f"{keyword.name} has {len(words) - 2} values; {accepted}"
        raise PiranhaRefused("missing arguments", detail, words[-1].end, keyword.name)
    if len(words) > needed:
        found = "a second word" if keyword.name in WITHHELD_KEYS else shown(words[needed].text)
        detail = f"{keyword.name} has {found} after its value; {accepted}, without a comment"
        raise PiranhaRefused("unexpected arguments", detail, words[needed].start, keyword.name)
