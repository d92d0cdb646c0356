"""What the lists of virtual and of real servers have in common: ADD, DELETE (which asks), EDIT, (DE)ACTIVATE.

Knows neither kind of server: a list says how one is added, deleted and toggled, and renders its own pages.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import Accepted, Change, ChangeResult, NotSaved, Refused, config_of
from app.store import Edit, Gone, Snapshot
from app.web.change.answer import save, seen_serial
from app.web.change.conflict import gone_page
from app.web.change.findings import place_refusal
from app.web.frame.current import current
from app.web.frame.request_numbers import object_id

CHANGED = "It was changed after this page was opened. Check it again before you delete it."


@dataclass(frozen=True, slots=True)
class Selected:
    """The row whose radio button was on; `was_active` is the status its page showed."""

    row_id: int
    was_active: bool


@dataclass(frozen=True, slots=True)
class ListState:
    """What a list is shown with: what refused the last change, the HTTP status, and the row to select."""

    refused: tuple[str, ...] = ()
    code: int = 200
    selected: int | None = None


class ListPage(ABC):
    """One request to a list of servers."""

    buttons: ClassVar[str]
    """The name of the buttons under the list."""
    noun: ClassVar[str]
    added: ClassVar[str]
    """What is reported after ADD."""
    list_view: ClassVar[str]
    edit_view: ClassVar[str]
    delete_view: ClassVar[str]
    row_argument: ClassVar[str]
    """What the addresses of the last two views call the id of a row."""

    def __init__(self, **place: int) -> None:
        self._place: dict[str, Any] = dict(place)

    @abstractmethod
    def add(self, edit: Edit) -> tuple[int, ChangeResult]:
        """Add a server with the first values; return its id."""

    @abstractmethod
    def delete(self, edit: Edit, row_id: int) -> ChangeResult:
        """Delete a server; raise Gone."""

    @abstractmethod
    def set_active(self, edit: Edit, row_id: int, *, is_active: bool) -> ChangeResult:
        """Activate or deactivate a server; raise Gone."""

    @abstractmethod
    def last_changed(self, snapshot: Snapshot, row_id: int) -> int:
        """Return the serial at which anything a deletion removes last changed; raise Gone."""

    @abstractmethod
    def render(self, snapshot: Snapshot, state: ListState) -> str:
        """Return the list; raise Gone."""

    @abstractmethod
    def render_confirmation(self, snapshot: Snapshot, row_id: int, refused: list[str]) -> str:
        """Return the page that asks before it deletes; raise Gone."""

    def address(self, **arguments: Any) -> str:
        """Return the address of the list."""
        return url_for(self.list_view, **self._place, **arguments)

    def show(self, state: ListState = ListState()) -> Response:
        """Show the list."""
        try:
            return Response(self.render(current.store.snapshot(), state), state.code, mimetype="text/html")
        except Gone as gone:
            return gone_page(gone)

    def act(self) -> Response:
        """Do what the pressed button says to the selected row."""
        action = request.form.get(self.buttons, "")
        if action == "ADD":
            return self._add()
        selected = selected_row()
        if selected is None:
            flash(f"No {self.noun} is selected. Select a row of the table, or ADD one.", "error")
            return redirect(self.address(), 303)
        return self.act_on(selected, action)

    def act_on(self, selected: Selected, action: str) -> Response:
        """Do what the button `action` says to a row; 400 for what is no button of the list."""
        row_id, becomes_active = selected.row_id, not selected.was_active
        if action in ("EDIT", "DELETE"):
            view = self.edit_view if action == "EDIT" else self.delete_view
            return redirect(url_for(view, **self._place | {self.row_argument: row_id}), 303)
        if action != "(DE)ACTIVATE":
            abort(400)
        # The opposite of the status the person saw, so that pressing twice changes it once.
        return self.change(selected, lambda edit: self.set_active(edit, row_id, is_active=becomes_active))

    def change(self, selected: Selected, change: Change) -> Response:
        """Save what `change` makes of the selected row, and show the list."""
        row_id = selected.row_id
        return save(
            change,
            back=lambda _: self.address(selected=row_id),
            again=lambda refusal: self._refused(refusal, row_id),
        )

    def confirm_deletion(self, row_id: int) -> Response:
        """Ask, then delete the server."""
        if request.method != "POST":
            return self._confirm(row_id, [], 200)
        seen = seen_serial()
        try:
            if self.last_changed(current.store.snapshot(), row_id) > seen:
                return self._confirm(row_id, [CHANGED], 409)
        except Gone as gone:
            return gone_page(gone)
        return save(
            lambda edit: self.delete(edit, row_id),
            back=lambda accepted: self.address(undo=accepted.serial_no if accepted else None),
            again=lambda refusal: self._confirm(row_id, *_in_words(refusal)),
        )

    def _add(self) -> Response:
        made: list[int] = []

        def change(edit: Edit) -> ChangeResult:
            row_id, result = self.add(edit)
            made.append(row_id)
            return result

        def back(accepted: Accepted | None) -> str:
            flash(self.added, "info")
            return self.address(selected=made[-1])

        return save(change, back=back, again=lambda refusal: self._refused(refusal, None))

    def _refused(self, refusal: Refused | NotSaved, selected: int | None) -> Response:
        refused, code = _in_words(refusal)
        return self.show(ListState(tuple(refused), code, selected))

    def _confirm(self, row_id: int, refused: list[str], code: int) -> Response:
        try:
            page = self.render_confirmation(current.store.snapshot(), row_id, refused)
        except Gone as gone:
            return gone_page(gone)
        return Response(page, code, mimetype="text/html")


def selected_row() -> Selected | None:
    """Return the selected row of the request, None without one; 400 for what no page of ours sends.

    The radio button holds ``ID.STATUS``, such as 12.1: with many rows a field for each would be too many.
    """
    text = request.form.get("selected_host", "")
    if not text:
        return None
    word, _, status = text.partition(".")
    if status not in ("0", "1"):
        abort(400)
    try:
        return Selected(object_id(word), status == "1")
    except ValueError:
        abort(400)


def preselected(row_ids: list[int], wanted: int | None = None) -> int | None:
    """Return the row to preselect: `wanted`, else the address's ``selected``, else the first."""
    asked = wanted if wanted is not None else request.args.get("selected", type=object_id)
    if asked in row_ids:
        return asked
    return row_ids[0] if row_ids else None


def _in_words(refusal: Refused | NotSaved) -> tuple[list[str], int]:
    return place_refusal(config_of(current.store.snapshot()), refusal)
