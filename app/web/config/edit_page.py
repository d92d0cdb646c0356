"""What every page that edits one block of lvs.cf has in common: GET shows the form, POST saves it.

Knows no keyword and no template: a page says which block it edits, which inputs it has and what else it shows.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult, NotSaved, Refused, config_of
from app.lvs.model.config import Config, RealServer, VirtualServer
from app.lvs.model.problem import Path
from app.store import Edit, Gone, ObjectKind, Snapshot
from app.web.change.answer import save, seen_serial
from app.web.change.conflict import Conflict, find_virtual, gone_page, refuse_stale
from app.web.change.findings import place_findings, place_refusal
from app.web.change.summary import changed
from app.web.forms.form import Form
from app.web.forms.inputs import Input
from app.web.frame.current import current

Block = TypeVar("Block", Config, VirtualServer, RealServer)


@dataclass(frozen=True, slots=True)
class EditedBlock(Generic[Block]):
    """The block a page edits, as it is stored; `subject` is what HISTORY calls it."""

    kind: ObjectKind
    row_id: int
    changed_serial: int
    block: Block
    path: Path
    subject: str


@dataclass(frozen=True, slots=True)
class ShownForm(Generic[Block]):
    """A form on its way to the page: over which block of which configuration, and what is reported above it.

    `serial_no` is the serial of the configuration the person has seen.
    """

    snapshot: Snapshot
    edited: EditedBlock[Block]
    form: Form
    serial_no: int
    refused: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    @property
    def config(self) -> Config:
        """The configuration the block is part of."""
        return config_of(self.snapshot)


class EditPage(ABC, Generic[Block]):
    """One request to a page that edits one block."""

    template: ClassVar[str]

    @abstractmethod
    def find(self, snapshot: Snapshot) -> EditedBlock[Block]:
        """Return the block; raise Gone."""

    @abstractmethod
    def inputs(self, block: Block) -> Sequence[Input]:
        """Return the inputs of the form over `block`."""

    @abstractmethod
    def store(self, edit: Edit, after: Block) -> None:
        """Put `after` in the place of the block."""

    @abstractmethod
    def context(self, shown: ShownForm[Block]) -> dict[str, Any]:
        """Return what the template needs in addition to the form."""

    def change(self, before: Block, form: Form) -> Block:
        """Return what the request makes of `before`; what cannot be taken is added to the errors of `form`."""
        return form.merged(before)

    def is_stale_refused(self) -> bool:
        """Return whether the request is refused when the block changed after the page was opened."""
        return True

    def respond(self) -> Response:
        """Show the block, or save what was sent."""
        snapshot = current.store.snapshot()
        try:
            edited = self.find(snapshot)
        except Gone as gone:
            return gone_page(gone)
        inputs = self.inputs(edited.block)
        if request.method != "POST":
            form = Form.showing(inputs, edited.block)
            elsewhere = place_findings(config_of(snapshot), edited.path, form)
            return self.show(ShownForm(snapshot, edited, form, snapshot.serial_no, elsewhere=elsewhere))
        return self.submit(ShownForm(snapshot, edited, Form.submitted(inputs, request.form), seen_serial()))

    def submit(self, sent: ShownForm[Block]) -> Response:
        """Save the form that was sent and go back to the page, or show it again with what is wrong."""
        address = url_for(request.endpoint or "", **(request.view_args or {}))

        def again(refusal: Refused | NotSaved) -> Response:
            refused, code = place_refusal(sent.config, refusal, sent.form)
            sent.refused.extend(refused)
            return self.show(sent, code)

        return save(lambda edit: self._change(edit, sent), back=lambda _: address, again=again, form=sent.form)

    def show(self, shown: ShownForm[Block], code: int = 200) -> Response:
        """Return the page."""
        form = {
            "form": shown.form,
            "serial_no": shown.serial_no,
            "refused": shown.refused,
            "elsewhere": shown.elsewhere,
        }
        return make_response(render_template(self.template, **form | self.context(shown)), code)

    def _change(self, edit: Edit, sent: ShownForm[Block]) -> ChangeResult:
        edited = self.find(edit.snapshot)
        after = self.change(edited.block, sent.form)
        if sent.form.errors:
            raise Refused((), edited.path)
        if self.is_stale_refused():
            now = Conflict(edited.kind, edited.row_id, sent.serial_no, edited.block, edit.snapshot.serial_no)
            refuse_stale(sent.form, edited.changed_serial, now)
        self.store(edit, after)
        return ChangeResult(changed(edited.subject, edited.block, after), edited.path)


def edited_globals(snapshot: Snapshot, subject: str) -> EditedBlock[Config]:
    """Return the settings outside every block."""
    return EditedBlock(ObjectKind.GLOBALS, 0, snapshot.globals_changed_serial, config_of(snapshot), (), subject)


def edited_virtual(snapshot: Snapshot, row_id: int) -> EditedBlock[VirtualServer]:
    """Return a virtual server's own settings; raise Gone."""
    row = find_virtual(snapshot, row_id)
    path = ("virtual", row.position)
    return EditedBlock(ObjectKind.VIRTUAL, row_id, row.changed_serial, row.virtual, path, row.virtual.name)
