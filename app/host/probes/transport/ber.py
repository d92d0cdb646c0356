"""BER (X.690) as LDAP uses it: elements of definite length, with tags of one byte."""


class Unreadable(Exception):
    """These bytes are not BER."""


def element(tag: int, *parts: bytes) -> bytes:
    """Return the element of `tag` that contains `parts` in order."""
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def elements(data: bytes) -> list[tuple[int, bytes]]:
    """Return tag and content of each element in `data`; raise Unreadable."""
    found = []
    at = 0
    while at < len(data):
        tag, (size, begins) = data[at], length_at(data, at + 1)
        at = begins + size
        if at > len(data):
            raise Unreadable
        found.append((tag, data[begins:at]))
    return found


def length_at(data: bytes, at: int) -> tuple[int, int]:
    """Return the length encoded at `at` and where the content begins; raise Unreadable."""
    first = data[at] if at < len(data) else 0x80
    if first < 0x80:
        return first, at + 1
    octets = data[at + 1 : at + 1 + (first & 0x7F)]
    # No octets means an indefinite length, which LDAP forbids; four are enough for any message.
    if not 0 < len(octets) == first & 0x7F <= 4:
        raise Unreadable
    return int.from_bytes(octets, "big"), at + 1 + len(octets)
