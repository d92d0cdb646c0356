"""What a person reads of a page."""

import html
import re


def text_of(page: str) -> str:
    """Return what a person reads of a page, blanks made one."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))
