"""The reference page of lvs.cf."""

from pathlib import Path

from app.lvs.formats.reference_page import keyword_page
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.keyword import BlockKind

PAGE = Path(__file__).parents[3] / "docs" / "lvs.cf.md"


def test_the_page_in_the_documentation_is_the_one_the_table_makes() -> None:
    assert PAGE.read_text() == keyword_page(), "make docs writes it anew"


def test_every_key_is_on_it() -> None:
    page = keyword_page()
    missing = [name for place in BlockKind for name in KEYWORDS[place] if f"| `{name}`" not in page]
    assert not missing
