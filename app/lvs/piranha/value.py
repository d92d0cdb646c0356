"""What Piranha's own reader made of the words behind a key: the value, or its error. Rules: lvs.cf as of 0.8.6."""

from collections.abc import Callable, Sequence

from app.lvs.grammar.c_numbers import as_int32, inet_aton, strtol
from app.lvs.grammar.lexer import Word
from app.lvs.grammar.value_reader import choices_of, integer_max
from app.lvs.model.keyword import Keyword, Value, ValueKind
from app.lvs.model.name_lookup import NameLookup
from app.lvs.model.printable import shown
from app.lvs.model.values import Address, Floating

_NEVER_ZERO = frozenset({"primary", "primary_private", "backup_private"})
_NEVER_A_NAME = frozenset({"sorry_server"})


class PiranhaRefused(Exception):
    """Piranha stopped here. `text` is its own error text, `detail` what was found and what it accepted."""

    def __init__(self, text: str, detail: str, column: int = 0, key: str | None = None) -> None:
        super().__init__(f"{text}: {detail}")
        self.text = text
        self.detail = detail
        self.column = column
        self.key = key


def value_as_piranha(keyword: Keyword, words: Sequence[Word], names: NameLookup) -> Value | None:
    """Return the value Piranha read for `keyword`, None where it ignored the words. Raises PiranhaRefused."""
    return _READERS[keyword.kind](keyword, words, names)


def _refused(text: str, keyword: Keyword, word: Word, accepted: str) -> PiranhaRefused:
    detail = f"{keyword.name} is {shown(word.text)}; {accepted}"
    return PiranhaRefused(text, detail, word.start, keyword.name)


def _integer(keyword: Keyword, words: Sequence[Word], names: NameLookup) -> int:
    number = strtol(words[0].text)
    if number is None:
        raise _refused("integer expected", keyword, words[0], "an integer is accepted")
    return number if -(2**31) <= number <= integer_max(keyword) else as_int32(number)


def _boolean(keyword: Keyword, words: Sequence[Word], names: NameLookup) -> bool:
    number = strtol(words[0].text)
    if number is None:
        raise _refused("integer expected", keyword, words[0], "boolean 0 or 1 is accepted")
    if as_int32(number) not in (0, 1):
        raise _refused("boolean expected", keyword, words[0], "boolean 0 or 1 is accepted")
    return as_int32(number) == 1


def _port(keyword: Keyword, words: Sequence[Word], names: NameLookup) -> int:
    number = strtol(words[0].text)
    if number is not None:
        return as_int32(number)
    port = names.service(words[0].text)
    if port is None:
        raise _refused("invalid argument", keyword, words[0], "a number or a known TCP service name is accepted")
    return port


def _host(keyword: Keyword, word: Word, names: NameLookup) -> Address:
    address = inet_aton(word.text)
    if address is None and keyword.name in _NEVER_A_NAME:
        raise _refused("invalid host name or ip address", keyword, word, "an IPv4 address is accepted, not a name")
    if address is None:
        address = names.host(word.text)
    if address is None:
        accepted = "an IPv4 address is accepted, or a host name that can be looked up"
        raise _refused("invalid argument", keyword, word, accepted)
    if keyword.name in _NEVER_ZERO and not int(address):
        raise _refused(
            "invalid host name or ip address", keyword, word, "any IPv4 address except 0.0.0.0 is accepted"
        )
    return address


def _address(keyword: Keyword, words: Sequence[Word], names: NameLookup) -> Address:
    return _host(keyword, words[0], names)


def _floating(keyword: Keyword, words: Sequence[Word], names: NameLookup) -> Floating:
    return Floating(_host(keyword, words[0], names), words[1].text)


def _netmask(keyword: Keyword, words: Sequence[Word], names: NameLookup) -> Address | None:
    mask = inet_aton(words[0].text)
    if mask is None and keyword.name != "pmask":
        raise _refused("Bad subnet mask specified", keyword, words[0], "a mask such as 255.255.255.0 is accepted")
    return mask


def _choice(keyword: Keyword, words: Sequence[Word], names: NameLookup) -> Value:
    text = words[0].text
    known = [
        choice
        for choice in choices_of(keyword)
        if keyword.piranha_choices is None or choice in keyword.piranha_choices
    ]
    if text not in known or keyword.choices is None:
        accepted = f"one of {'|'.join(known)} is accepted"
        raise _refused("invalid argument", keyword, words[0], accepted)
    chosen: Value = keyword.choices(text)
    return chosen


def _text(keyword: Keyword, words: Sequence[Word], names: NameLookup) -> str:
    return words[0].text


def _quoted(keyword: Keyword, words: Sequence[Word], names: NameLookup) -> str:
    """Return the text; Piranha kept the quotes and took only double ones off later."""
    return f"'{words[0].text}'" if words[0].quote == "'" else words[0].text


def _words(keyword: Keyword, words: Sequence[Word], names: NameLookup) -> tuple[str, ...]:
    texts = [word.text for word in words]
    if not texts or texts[0] != "[" or "]" not in texts[1:]:
        detail = f"{keyword.name} is not a list; write words between brackets: {keyword.name} = [ /a /b ]"
        raise PiranhaRefused("list expected", detail, words[0].start if words else 0, keyword.name)
    return tuple(texts[1 : texts.index("]", 1)])


_READERS: dict[ValueKind, Callable[[Keyword, Sequence[Word], NameLookup], Value | None]] = {
    ValueKind.INTEGER: _integer,
    ValueKind.BOOLEAN: _boolean,
    ValueKind.ADDRESS: _address,
    ValueKind.FLOATING: _floating,
    ValueKind.NETMASK: _netmask,
    ValueKind.PORT: _port,
    ValueKind.CHOICE: _choice,
    ValueKind.TEXT: _text,
    ValueKind.QUOTED: _quoted,
    ValueKind.WORDS: _words,
}
