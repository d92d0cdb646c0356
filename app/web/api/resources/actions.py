"""What an operator does, for programs: activate, deactivate, drain, maintenance, ready, weight, look.

Each describes a state, so doing it twice is doing it once, and none needs If-Match.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from flask import jsonify
from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult
from app.accept.notify_pulse import nudge
from app.lvs.formats.config_json import JsonRefused, block_from_json
from app.lvs.model.admin_state import parse_until
from app.lvs.model.config import RealServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.problem import Problem, Severity
from app.lvs.model.values import AdminState
from app.store import Edit
from app.web.api.http.refusal import refuse_problems
from app.web.api.http.request_body import sent_fields
from app.web.api.http.saving import save
from app.web.api.resources.live import pulse_report
from app.web.change.conflict import find_server, find_virtual
from app.web.config.admin_state import Order, give
from app.web.frame.current import current
from app.web.frame.filters import utc

View = Callable[..., Response]


def activate_virtual_server(virtual_id: int) -> Response:
    """Activate a virtual server."""
    return _set_virtual(virtual_id, is_active=True)


def deactivate_virtual_server(virtual_id: int) -> Response:
    """Deactivate a virtual server: remove it from the kernel and keep its settings."""
    return _set_virtual(virtual_id, is_active=False)


def activate_real_server(virtual_id: int, server_id: int) -> Response:
    """Activate a real server."""
    return _set_server(virtual_id, server_id, is_active=True)


def deactivate_real_server(virtual_id: int, server_id: int) -> Response:
    """Deactivate a real server: remove it from the kernel and keep its settings."""
    return _set_server(virtual_id, server_id, is_active=False)


def drain_real_server(virtual_id: int, server_id: int) -> Response:
    """Drain a real server: no new clients, open connections continue."""
    return _order(virtual_id, server_id, AdminState.DRAIN)


def maintain_real_server(virtual_id: int, server_id: int) -> Response:
    """Put a real server into maintenance, whatever its checks say."""
    return _order(virtual_id, server_id, AdminState.MAINTENANCE)


def ready_real_server(virtual_id: int, server_id: int) -> Response:
    """End a drain or maintenance."""
    sent_fields(())
    return save(lambda edit: give(edit, virtual_id, server_id, Order(AdminState.READY)))


def weigh_real_server(virtual_id: int, server_id: int) -> Response:
    """Set the weight of a real server."""
    fields = sent_fields(("weight",))
    if fields.get("weight") is None:
        refuse_problems([Problem(Severity.ERROR, ("weight",), "the weight is missing; a number is accepted")])
    try:
        sent = block_from_json(BlockKind.SERVER, {"name": "", **fields})
    except JsonRefused as refused:
        refuse_problems(refused.problems)
    weight = sent.weight if isinstance(sent, RealServer) else None

    def change(edit: Edit) -> ChangeResult:
        place = find_server(edit.snapshot, virtual_id, server_id)
        edit.set_server(server_id, replace(place.row.server, weight=weight))
        path = ("virtual", place.virtual.position, "server", place.index)
        return ChangeResult(
            f"{place.virtual.virtual.name}: real server {place.row.server.name} weight {weight}", path
        )

    return save(change)


def look() -> Response:
    """Make pulse read lvs.cf and the kernel now, and report the outcome."""
    sent_fields(())
    pulse_report()
    serial_no = current.store.snapshot().serial_no
    outcome = nudge(current.settings, serial_no)
    return jsonify(serial_no=serial_no, is_changed=False, outcome=outcome.kind, said=outcome.text)


def _set_virtual(virtual_id: int, *, is_active: bool) -> Response:
    sent_fields(())

    def change(edit: Edit) -> ChangeResult:
        row = find_virtual(edit.snapshot, virtual_id)
        edit.set_virtual(virtual_id, replace(row.virtual, active=is_active))
        return ChangeResult(
            f"{row.virtual.name}: {_word(is_active)}", ("virtual", row.position) if is_active else None
        )

    return save(change)


def _set_server(virtual_id: int, server_id: int, *, is_active: bool) -> Response:
    sent_fields(())

    def change(edit: Edit) -> ChangeResult:
        place = find_server(edit.snapshot, virtual_id, server_id)
        edit.set_server(server_id, replace(place.row.server, active=is_active))
        path = ("virtual", place.virtual.position, "server", place.index)
        summary = f"{place.virtual.virtual.name}: real server {place.row.server.name} {_word(is_active)}"
        return ChangeResult(summary, path if is_active else None)

    return save(change)


def _order(virtual_id: int, server_id: int, state: AdminState) -> Response:
    fields = sent_fields(("until", "reason"))
    problems = [
        Problem(Severity.ERROR, (name,), f"{name} is {type(found).__name__}; a text is accepted")
        for name, found in fields.items()
        if found is not None and not isinstance(found, str)
    ]
    until, reason = fields.get("until") or None, fields.get("reason") or None
    if not problems and until is not None and (wrong := _why_no_time(until)):
        problems.append(Problem(Severity.ERROR, ("until",), wrong))
    if problems:
        refuse_problems(problems)
    # Read as lvs.cf's own keys, so that a text lvs.cf cannot hold is refused with a sentence.
    try:
        block_from_json(BlockKind.SERVER, {"name": "", "admin_until": until, "admin_reason": reason})
    except JsonRefused as refused:
        refuse_problems(refused.problems)
    return save(lambda edit: give(edit, virtual_id, server_id, Order(state, until, reason)))


def _why_no_time(text: str) -> str:
    at = parse_until(text)
    if at is None:
        example = utc(time.time() + 3600)
        return f"{text[:40]!r} is not a valid time; use a time in UTC, such as {example}, or leave it out"
    return "" if at > time.time() else f"{text} is in the past; it is now {utc(time.time())}"


def _word(is_active: bool) -> str:
    return "activated" if is_active else "deactivated"
