"""Text from outside, such as a name in lvs.cf or a server's answer, made fit for a line of a log or a mail."""

PLAIN_MAX = 500
"""The most characters that are kept of one text."""


def plain(text: str, limit: int = PLAIN_MAX) -> str:
    """Return `text` on one line, with a blank for what cannot be seen, cut to `limit` characters.

    So none can end a line, colour a terminal, or turn the direction of writing.
    """
    line = "".join(letter if letter.isprintable() else " " for letter in text[: limit + 1])
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
