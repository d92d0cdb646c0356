"""A form over one block of lvs.cf: what its boxes hold, what is wrong with them, what they make of the block.

Knows the inputs it is made of; no request, no store, no rules: problems are handed to it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.problem import Path, Problem, Severity
from app.web.forms.field import FormField
from app.web.forms.inputs import BoxRefused, Input

OPENED = "opened-"
"""Begins the names of the hidden fields that hold what each box held when the page was opened."""

B = TypeVar("B", Config, VirtualServer, RealServer)


@dataclass(slots=True)
class Form:
    """Boxes by name: `texts` as typed or shown, `opened` what the block held when the person opened the page.

    ``form["port"]`` is the box as a macro shows it.
    """

    inputs: Sequence[Input]
    texts: dict[str, str]
    opened: dict[str, str]
    errors: dict[str, list[str]] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def showing(cls, inputs: Sequence[Input], block: Config | VirtualServer | RealServer) -> Self:
        """Return the form with what `block` holds."""
        texts = {name: text for asked in inputs for name, text in asked.show(block).items()}
        held = {name: text for asked in inputs for name, text in asked.held(block).items()}
        return cls(inputs, texts, held)

    @classmethod
    def submitted(cls, inputs: Sequence[Input], sent: Mapping[str, str]) -> Self:
        """Return the form with what a person `sent`; a box that was not on their page is left out."""
        texts, opened = {}, {}
        for name in (box.name for asked in inputs for box in asked.boxes()):
            if name in sent:
                texts[name] = sent[name]
            elif OPENED + name in sent:
                # a browser sends nothing for a check box that is off
                texts[name] = "0"
            if OPENED + name in sent:
                opened[name] = sent[OPENED + name]
        return cls(inputs, texts, opened)

    def __getitem__(self, name: str) -> FormField:
        return self.boxes()[name]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The hidden fields the page carries: how each box was when it was opened."""
        return [(OPENED + name, text) for name, text in self.opened.items()]

    def is_about(self, block: Config | VirtualServer | RealServer) -> bool:
        """Return whether every box the person saw at opening still holds what `block` holds."""
        held = {name: text for asked in self.inputs for name, text in asked.held(block).items()}
        return bool(self.opened) and all(held.get(name) == text for name, text in self.opened.items())

    def merged(self, block: B) -> B:
        """Return `block` with what was typed; boxes that hold what it has already leave it alone.

        What cannot be taken is added to `errors`, and the block's own value kept.
        """
        changes: dict[str, Any] = {}
        for asked in self.inputs:
            shown = asked.show(block)
            typed = {name: self.texts.get(name, text) for name, text in shown.items()}
            if typed == shown:
                continue
            try:
                changes[asked.keyword.name] = asked.read(typed)
            except BoxRefused as refusal:
                self.errors.setdefault(refusal.name, []).append(refusal.message)
        return replace(block, **changes) if changes else block

    def place(self, problems: Iterable[Problem], path: Path) -> tuple[Problem, ...]:
        """Put each problem of the block at `path` beside its box; return those that have none here."""
        names = {box.name for asked in self.inputs for box in asked.boxes()}
        elsewhere = []
        for problem in problems:
            name = self._box_of(problem, path)
            if name not in names:
                elsewhere.append(problem)
                continue
            texts = self.errors if problem.severity is Severity.ERROR else self.warnings
            texts.setdefault(name, []).append(problem.message)
        return tuple(elsewhere)

    def _box_of(self, problem: Problem, path: Path) -> str:
        rest = problem.path[len(path) :]
        if problem.path[: len(path)] != path or not rest:
            return ""
        asked = next((asked for asked in self.inputs if asked.keyword.name == rest[0]), None)
        if asked is None or len(rest) > 2:
            return ""
        boxes = asked.boxes()
        return boxes[-1].name if rest[1:] == ("device",) else boxes[0].name

    def boxes(self) -> dict[str, FormField]:
        """Return every box by its name, in the order of the page, with its text and the messages beside it."""
        return {
            box.name: replace(
                box,
                text=self.texts.get(box.name, ""),
                errors=tuple(self.errors.get(box.name, ())),
                warnings=tuple(self.warnings.get(box.name, ())),
            )
            for asked in self.inputs
            for box in asked.boxes()
        }
