"""Turns the words after a key into a value, by the kind of the key; errors name what was found and is accepted."""

from collections.abc import Callable, Iterable, Sequence
from ipaddress import AddressValueError, IPv6Address
from typing import cast

from app.lvs.grammar.c_numbers import INT_MAX, as_int32, inet_aton, strtol
from app.lvs.grammar.lexer import Word
from app.lvs.model.keyword import Keyword, Value, ValueKind
from app.lvs.model.name_lookup import NameLookup
from app.lvs.model.printable import shown
from app.lvs.model.values import Address, Floating, Netmask, Prefix


class ValueRefused(Exception):
    """The words are no value of that key; the text says why, what is accepted and what to do."""


class Notes:
    """What is worth knowing about a value that was read: a remark, and whether a host name was looked up."""

    __slots__ = ("asked_host", "names", "remark")

    def __init__(self, names: NameLookup) -> None:
        self.names = names
        self.remark = ""
        self.asked_host = False


def read_value(keyword: Keyword, words: Sequence[Word], notes: Notes) -> Value | None:
    """Return the value that `words` are for `keyword`; None where Piranha ignored them.

    Raises ValueRefused.
    """
    return _READERS[keyword.kind](keyword, words, notes)


def _integer(keyword: Keyword, words: Sequence[Word], notes: Notes) -> int:
    text = words[0].text
    number = strtol(text)
    if number is None:
        raise ValueRefused(f"{keyword.name} is {shown(text)}; it must be an integer, such as {_example(keyword)}")
    return _narrow(keyword, number, text, notes)


def _narrow(keyword: Keyword, number: int, text: str, notes: Notes) -> int:
    """Return `number` as far as the model holds it: what a C int keeps, unless the key takes 32 unsigned bits."""
    if -INT_MAX - 1 <= number <= integer_max(keyword):
        return number
    kept = as_int32(number)
    notes.remark = f"{keyword.name} is {shown(text)}, which is out of range; it is read as {kept}, as in Piranha"
    return kept


def integer_max(keyword: Keyword) -> int:
    """Return the largest number the model holds for `keyword`."""
    return max(INT_MAX, keyword.high or 0)


def _example(keyword: Keyword) -> str:
    example = keyword.default if keyword.default is not None else keyword.low
    return f"{1 if example is None else example}"


def _port(keyword: Keyword, words: Sequence[Word], notes: Notes) -> int:
    text = words[0].text
    number = strtol(text)
    if number is None:
        number = notes.names.service(text)
        if number is None:
            raise ValueRefused(
                f"{keyword.name} is {shown(text)}, a service name that is not known on this "
                "machine; write the port number"
            )
    return _narrow(keyword, number, text, notes)


def _boolean(keyword: Keyword, words: Sequence[Word], notes: Notes) -> bool:
    text = words[0].text
    number = strtol(text)
    if number is None or as_int32(number) not in (0, 1):
        raise ValueRefused(f"{keyword.name} is {shown(text)}; it must be 0 or 1")
    return as_int32(number) == 1


def _address_of(keyword: Keyword, text: str, notes: Notes) -> Address:
    address = inet_aton(text)
    if address is not None:
        return address
    if ":" in text:
        try:
            found = IPv6Address(text)
        except AddressValueError:
            found = None
        if found is not None and found.scope_id is None:
            return found
    elif "/" not in text and keyword.name != "sorry_server":
        notes.asked_host = True
        host = notes.names.host(text)
        if host is not None:
            return host
    raise ValueRefused(
        f"{keyword.name} is {shown(text)}; it must be an IPv4 or IPv6 address without a prefix length, and no "
        "host of that name was found: write the address"
    )


def _address(keyword: Keyword, words: Sequence[Word], notes: Notes) -> Address:
    return _address_of(keyword, words[0].text, notes)


def _floating(keyword: Keyword, words: Sequence[Word], notes: Notes) -> Floating:
    return Floating(_address_of(keyword, words[0].text, notes), words[1].text)


def _netmask(keyword: Keyword, words: Sequence[Word], notes: Notes) -> Netmask | None:
    text = words[0].text
    length = text[1:]
    if text.startswith("/") and length.isascii() and length.isdigit() and len(length) <= 3 and int(length) <= 128:
        return Prefix(int(length))
    mask = inet_aton(text)
    if mask is not None:
        return mask
    if keyword.name == "pmask":
        accepted = "a mask such as 255.255.255.0 or /24 is accepted"
        notes.remark = f"pmask is {shown(text)} and is ignored, as in Piranha; {accepted}"
        return None
    raise ValueRefused(f"{keyword.name} is {shown(text)}; a mask such as 255.255.255.0 or /24 is accepted")


def _choice(keyword: Keyword, words: Sequence[Word], notes: Notes) -> Value:
    assert keyword.choices is not None  # noqa: S101 - the table says so, and a test holds it
    text = words[0].text
    try:
        chosen: Value = keyword.choices(text)
    except ValueError:
        raise ValueRefused(
            f"{keyword.name} is {shown(text)}; one of {'|'.join(choices_of(keyword))} is accepted"
        ) from None
    return chosen


def choices_of(keyword: Keyword) -> tuple[str, ...]:
    """Return the words `keyword` accepts."""
    return tuple(str(choice) for choice in cast(Iterable[str], keyword.choices or ()))


def _choices(keyword: Keyword, words: Sequence[Word], notes: Notes) -> Value:
    assert keyword.choices is not None  # noqa: S101 - as above
    text = words[0].text
    chosen: list[str] = []
    for part in text.split(",") if text else []:
        try:
            chosen.append(keyword.choices(part))
        except ValueError:
            raise ValueRefused(
                f"{keyword.name} has {shown(part)}; {'|'.join(choices_of(keyword))} are "
                "accepted, separated by commas without blanks"
            ) from None
    return tuple(chosen)


def _text(keyword: Keyword, words: Sequence[Word], notes: Notes) -> str:
    return words[0].text


def _quoted(keyword: Keyword, words: Sequence[Word], notes: Notes) -> str:
    word = words[0]
    if word.quote != "'":
        return word.text
    notes.remark = (
        f"{keyword.name} is in single quotes, which are part of the text, as in Piranha; use "
        "double quotes to leave them out"
    )
    return f"'{word.text}'"


def _words(keyword: Keyword, words: Sequence[Word], notes: Notes) -> tuple[str, ...]:
    return tuple(word.text for word in words)


_READERS: dict[ValueKind, Callable[[Keyword, Sequence[Word], Notes], Value | None]] = {
    ValueKind.INTEGER: _integer,
    ValueKind.BOOLEAN: _boolean,
    ValueKind.ADDRESS: _address,
    ValueKind.FLOATING: _floating,
    ValueKind.NETMASK: _netmask,
    ValueKind.PORT: _port,
    ValueKind.CHOICE: _choice,
    ValueKind.CHOICES: _choices,
    ValueKind.TEXT: _text,
    ValueKind.QUOTED: _quoted,
    ValueKind.WORDS: _words,
}
