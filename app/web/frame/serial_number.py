"""A serial number in a request: untrusted text."""

SERIAL_MAX = 2**31 - 1


def serial_number(text: str) -> int:
    """Return the serial number in `text`; raise ValueError for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(SERIAL_MAX))):
        raise ValueError(f"{text[:20]!r} is no serial number")
    if int(text) > SERIAL_MAX:
        raise ValueError(f"{text} is above the highest serial number, {SERIAL_MAX}")
    return int(text)
