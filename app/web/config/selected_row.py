"""The chosen row of a list: which one it is, and what status the person saw it in."""

from dataclasses import dataclass

from flask import abort, request


@dataclass(frozen=True, slots=True)
class Selected:
    """The row whose radio button was on; `was_active` is the status its page showed."""

    row_id: int
    was_active: bool


def selected_row() -> Selected | None:
    """Return the chosen row of the request, None without one; 400 for what no page of ours sends.

    The radio button holds ``ID.STATUS``, such as 12.1: with many rows a field for each would be too many.
    """
    text = request.form.get("selected_host", "")
    if not text:
        return None
    row_id, dot, status = text.partition(".")
    if not (row_id.isascii() and row_id.isdigit() and len(row_id) < 18 and dot and status in ("0", "1")):
        abort(400)
    return Selected(int(row_id), status == "1")


def preselected(row_ids: list[int], wanted: int | None = None) -> int | None:
    """Return the row to preselect: `wanted`, else the address's ``selected``, else the first."""
    asked = wanted if wanted is not None else request.args.get("selected", type=int)
    if asked in row_ids:
        return asked
    return row_ids[0] if row_ids else None
