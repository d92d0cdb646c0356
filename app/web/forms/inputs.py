"""The ways a keyword of lvs.cf is asked for on a page: as text, choice, switch, or address with device.

Each turns a block's value into the texts of its boxes and back, by the keyword table. No request, no rules.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Protocol

from app.lvs.formats.form_text import FieldError, format_field, parse_field
from app.lvs.grammar.value_writer import why_text_unwritable
from app.lvs.keywords.secret_keys import covered
from app.lvs.keywords.table import Block, effective
from app.lvs.model.keyword import Keyword, Value, ValueKind
from app.lvs.model.values import Floating
from app.web.forms.field import FormField

UNUSED = "Unused"
MASK_HELP = "Dotted (255.255.255.0) or a prefix length (/24, /64); blank: Unused."
DEVICE_HELP = "An interface alias, such as eth0:1."

Texts = Mapping[str, str]


class BoxRefused(Exception):
    """What was typed into the box `name` cannot be taken; the message says what is accepted."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


class Input(Protocol):
    """How one keyword is asked for."""

    @property
    def keyword(self) -> Keyword: ...

    def boxes(self) -> tuple[FormField, ...]:
        """Return its boxes, empty."""

    def show(self, block: Block) -> dict[str, str]:
        """Return the text of each box on a fresh page for `block`."""

    def held(self, block: Block) -> dict[str, str]:
        """Return what `block` holds, under the names of the boxes."""

    def read(self, texts: Texts) -> Value | None:
        """Return the value the boxes hold, None when blank; raise BoxRefused."""


class _ShownAsHeld(ABC):
    """An input whose boxes show what the block holds."""

    __slots__ = ()

    @abstractmethod
    def show(self, block: Block) -> dict[str, str]:
        """Return the text of each box on a fresh page for `block`."""

    def held(self, block: Block) -> dict[str, str]:
        return self.show(block)


def _parse(keyword: Keyword, box: str, text: str) -> Value | None:
    try:
        value = parse_field(keyword, text)
    except FieldError as refusal:
        raise BoxRefused(box, refusal.message) from None
    if isinstance(value, IPv4Address) and str(value) != text.strip():
        if text.split()[0] == str(value):
            raise BoxRefused(box, f"'{text.strip()}' is more than an address: only {value} belongs here.")
        raise BoxRefused(
            box,
            f"'{text.strip()}' would be read as {value}, as the C library reads short and octal forms: write all "
            "four numbers, without leading zeros.",
        )
    return value


def _format(keyword: Keyword, value: Any) -> str:
    return "" if value is None else format_field(keyword, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed(_ShownAsHeld):
    """A text box. `suggestions` are offered, not enforced; `size` is its width in characters.

    `blank` is the value of an empty box.
    """

    keyword: Keyword
    label: str = ""
    blank: Value | None = None
    size: int = 16
    help: str = ""
    suggestions: tuple[str, ...] = ()

    def boxes(self) -> tuple[FormField, ...]:
        choices = tuple((word, word) for word in self.suggestions)
        return (
            FormField(
                name=self.keyword.name,
                label=self.label or self.keyword.label,
                unit=self.keyword.unit,
                help=self.help or _with_default(self.keyword),
                size=self.size,
                choices=choices,
            ),
        )

    def show(self, block: Block) -> dict[str, str]:
        return {self.keyword.name: _format(self.keyword, getattr(block, self.keyword.name))}

    def read(self, texts: Texts) -> Value | None:
        value = _parse(self.keyword, self.keyword.name, texts.get(self.keyword.name, ""))
        return self.blank if value is None else value


def _with_default(keyword: Keyword) -> str:
    if (
        keyword.kind not in (ValueKind.INTEGER, ValueKind.PORT, ValueKind.TEXT, ValueKind.QUOTED)
        or not keyword.default
    ):
        return keyword.help
    unit = f" {keyword.unit}" if keyword.unit else ""
    return f"{keyword.help} Blank: {keyword.default}{unit}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked(_ShownAsHeld):
    """A netmask: any can be typed, Piranha's list is offered; blank, as the word Unused, is none."""

    keyword: Keyword
    suggestions: tuple[str, ...]

    def boxes(self) -> tuple[FormField, ...]:
        keyword = self.keyword
        choices = tuple((word, word) for word in (UNUSED, *self.suggestions))
        help_text = f"{keyword.help} {MASK_HELP}"
        return (FormField(name=keyword.name, label=keyword.label, help=help_text, size=16, choices=choices),)

    def show(self, block: Block) -> dict[str, str]:
        return {self.keyword.name: _format(self.keyword, getattr(block, self.keyword.name))}

    def read(self, texts: Texts) -> Value | None:
        text = texts.get(self.keyword.name, "").strip()
        return None if text.lower() == UNUSED.lower() else _parse(self.keyword, self.keyword.name, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """A text box for another text, empty at first; left empty it changes nothing."""

    keyword: Keyword
    size: int = 30

    def boxes(self) -> tuple[FormField, ...]:
        keyword = self.keyword
        return (FormField(name=keyword.name, label=keyword.label, help=keyword.help, size=self.size),)

    def show(self, block: Block) -> dict[str, str]:
        return {self.keyword.name: ""}

    def held(self, block: Block) -> dict[str, str]:
        return {self.keyword.name: _format(self.keyword, getattr(block, self.keyword.name))}

    def read(self, texts: Texts) -> Value | None:
        return _parse(self.keyword, self.keyword.name, texts.get(self.keyword.name, ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret(Replaced):
    """A box for another password: what is held never reaches the page, only that there is one."""

    def boxes(self) -> tuple[FormField, ...]:
        keyword = self.keyword
        # "off" would let a browser fill in the password of whoever is signed in here.
        return (
            FormField(
                name=keyword.name,
                label=keyword.label,
                help=keyword.help,
                size=self.size,
                control="secret",
                autocomplete="new-password",
            ),
        )

    def held(self, block: Block) -> dict[str, str]:
        return {self.keyword.name: "set" if getattr(block, self.keyword.name) else ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered(Replaced):
    """A text with passwords in it: another text takes its place, and the page gets it with these covered."""

    def held(self, block: Block) -> dict[str, str]:
        name = self.keyword.name
        return {name: covered(name, _format(self.keyword, getattr(block, name)))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen(_ShownAsHeld):
    """A select: `choices` are (word of lvs.cf, words of the page), `groups` more under headings; "" is blank."""

    keyword: Keyword
    choices: tuple[tuple[str, str], ...] = ()
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    label: str = ""
    help: str = ""

    def boxes(self) -> tuple[FormField, ...]:
        return (
            FormField(
                name=self.keyword.name,
                label=self.label or self.keyword.label,
                help=self.help or self.keyword.help,
                control="select",
                choices=self.choices,
                choice_groups=self.groups,
            ),
        )

    def show(self, block: Block) -> dict[str, str]:
        return {self.keyword.name: _format(self.keyword, effective(block, self.keyword.name))}

    def read(self, texts: Texts) -> Value | None:
        return _parse(self.keyword, self.keyword.name, texts.get(self.keyword.name, ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched(_ShownAsHeld):
    """A check box, or with `choices` two radio buttons: 1 is on."""

    keyword: Keyword
    label: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    def boxes(self) -> tuple[FormField, ...]:
        return (
            FormField(
                name=self.keyword.name,
                label=self.label or self.keyword.label,
                help=self.keyword.help,
                control="radio" if self.choices else "checkbox",
                choices=self.choices,
            ),
        )

    def show(self, block: Block) -> dict[str, str]:
        return {self.keyword.name: "1" if effective(block, self.keyword.name) else "0"}

    def read(self, texts: Texts) -> Value | None:
        is_on = texts.get(self.keyword.name) == "1"
        return is_on if self.keyword.kind is ValueKind.BOOLEAN else int(is_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged(_ShownAsHeld):
    """One check box for each word of a keyword that takes several."""

    keyword: Keyword
    words: tuple[str, ...]

    def boxes(self) -> tuple[FormField, ...]:
        return tuple(FormField(name=self._name(word), label=word, control="checkbox") for word in self.words)

    def show(self, block: Block) -> dict[str, str]:
        flags = getattr(block, self.keyword.name) or ()
        return {self._name(word): "1" if word in flags else "0" for word in self.words}

    def read(self, texts: Texts) -> Value | None:
        choices = self.keyword.choices
        if choices is None:
            raise TypeError(f"{self.keyword.name} has no choices")
        return tuple(choices(word) for word in self.words if texts.get(self._name(word)) == "1") or None

    def _name(self, word: str) -> str:
        return f"{self.keyword.name}-{word}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Floated(_ShownAsHeld):
    """An address and, in a box of its own, the device it goes on; both blank is no value."""

    keyword: Keyword
    device: str
    device_label: str

    def boxes(self) -> tuple[FormField, ...]:
        return (
            FormField(name=self.keyword.name, label=self.keyword.label, help=self.keyword.help, size=39),
            FormField(name=self.device, label=self.device_label, help=DEVICE_HELP, size=15),
        )

    def show(self, block: Block) -> dict[str, str]:
        floating: Floating | None = getattr(block, self.keyword.name)
        if floating is None:
            return {self.keyword.name: "", self.device: ""}
        return {self.keyword.name: str(floating.address), self.device: floating.device}

    def read(self, texts: Texts) -> Value | None:
        device = texts.get(self.device, "").strip()
        name = self.keyword.name
        address = _parse(replace(self.keyword, kind=ValueKind.ADDRESS), name, texts.get(name, ""))
        if address is None and not device:
            return None
        if address is None:
            raise BoxRefused(
                self.keyword.name,
                f"{self.keyword.label} is empty and a device is given: type an address too (0.0.0.0: not set "
                "yet), or clear the device.",
            )
        if not device:
            raise BoxRefused(
                self.device,
                f"{self.device_label} is empty: name the interface {address} is brought up on, such as eth0:1.",
            )
        reason = why_text_unwritable(device)
        if reason is not None:
            raise BoxRefused(self.device, f"lvs.cf cannot hold this: {reason}.")
        if not isinstance(address, IPv4Address | IPv6Address):
            raise TypeError(f"{self.keyword.name} was parsed to {address!r}")
        return Floating(address, device)
