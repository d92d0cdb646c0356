"""One field of a form as a page shows it: what stands in it, what it means, what is wrong with it.

A value for the macros of ``templates/frame/_macros.html``; it parses nothing and knows no rules.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A field; `text` is what the box holds (of a select, radio or checkbox: the value that is chosen).

    `errors` keep the form from being accepted, `warnings` do not; both stand beside the field. `choices` are
    (value, label) pairs, `choice_groups` the same under headings. `size` is the width in characters; None leaves
    it to the page. `control` says which of the macros shows it: text, secret, select, radio or checkbox.
    """

    name: str
    label: str
    text: str = ""
    unit: str = ""
    help: str = ""
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    control: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    choice_groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    size: int | None = None
    autocomplete: str = "off"
    is_required: bool = False
    is_disabled: bool = False

    @property
    def id(self) -> str:
        """The id of the control in the page."""
        return f"field-{self.name}"
