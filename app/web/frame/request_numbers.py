"""Numbers in a request: untrusted text, of which no more is taken than the database can hold."""

from app.lvs.grammar.c_numbers import INT_MAX

NUMBER_MAX = INT_MAX


def serial_number(text: str) -> int:
    """Return the serial number in `text`; raise ValueError for anything else."""
    return _number(text, "serial number")


def object_id(text: str) -> int:
    """Return the ID of a virtual or real server in `text`; raise ValueError for anything else."""
    return _number(text, "ID of a server")


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(NUMBER_MAX))):
        raise ValueError(f"{text[:20]!r} is no {what}")
    if int(text) > NUMBER_MAX:
        raise ValueError(f"{text} is above the highest {what}, {NUMBER_MAX}")
    return int(text)
