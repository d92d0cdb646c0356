"""DRAIN, MAINTENANCE and READY of a real server: the page that asks why and until when, and the change itself."""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult, NotSaved, Refused, config_of
from app.lvs.model.admin_state import admin_of, parse_until
from app.lvs.model.config import RealServer
from app.lvs.model.values import AdminState
from app.store import Edit, Gone
from app.web.change.answer import save
from app.web.change.conflict import ServerPlace, find_server, gone_page
from app.web.change.findings import place_refusal
from app.web.config.kernel_state import KernelView
from app.web.forms.field import FormField
from app.web.forms.form import Form
from app.web.forms.pages import ADMIN_INPUTS
from app.web.frame.current import current
from app.web.frame.filters import utc

BUTTONS = {"DRAIN": AdminState.DRAIN, "MAINTENANCE": AdminState.MAINTENANCE, "READY": AdminState.READY}
CHANGED = "Its state was changed after this page was opened. The current state is displayed below; check it again."
FOR_HOW_LONG = (
    ("", "until the time below, or until READY"),
    ("15 min", "for 15 minutes"),
    ("1 h", "for 1 hour"),
    ("today", "until the end of today, UTC"),
)

blueprint = Blueprint("admin_state", __name__)


@dataclass(frozen=True, slots=True)
class Order:
    """The state that a pressed button requests; for READY the rest is empty."""

    state: AdminState
    until: str | None = None
    reason: str | None = None

    @property
    def words(self) -> str:
        """The state as the table of revisions has it: "drain until 2026-01-31T22:00Z, disks"."""
        until = f" until {self.until}" if self.until else ""
        reason = f", {self.reason}" if self.reason else ""
        return f"{self.state}{until}{reason}"

    def given_to(self, server: RealServer) -> RealServer:
        """Return `server` in this state; READY leaves no trace."""
        state = None if self.state is AdminState.READY else self.state
        return replace(server, admin_state=state, admin_until=self.until, admin_reason=self.reason)


@dataclass(slots=True)
class AdminForm:
    """The boxes of `config/_admin_form.html`; `seen` stands for the states the person saw."""

    form: Form
    how_long: str
    seen: str

    @classmethod
    def showing(cls, servers: Iterable[RealServer]) -> "AdminForm":
        """Return the form on a fresh page: with the state of the servers if it is the same for all."""
        servers = list(servers)
        is_same = len({_state_of(server) for server in servers}) == 1
        is_over = is_same and admin_of(servers[0], time.time()).state is AdminState.READY
        block = servers[0] if is_same and not is_over else RealServer(name="")
        return cls(Form.showing(ADMIN_INPUTS, block), "", seen_of(servers))

    @classmethod
    def submitted(cls) -> "AdminForm":
        """Return the form a person sent."""
        sent = request.form
        return cls(Form.submitted(ADMIN_INPUTS, sent), sent.get("how_long", ""), sent.get("seen", ""))

    def order(self, button: str | None = None) -> Order | None:
        """Return what `button`, or the pressed one, asks for; None: a field needs another value, as it says."""
        state = BUTTONS.get(button or request.form.get("admin", "")) or abort(400)
        if state is AdminState.READY:
            return Order(state)
        typed = self.form.merged(RealServer(name=""))
        until = _chosen_until(self.how_long) or typed.admin_until
        if until is not None and (wrong := _why_no_time(until)):
            self.form.errors.setdefault("admin_until", []).append(wrong)
        return None if self.form.errors else Order(state, until, typed.admin_reason)

    @property
    def boxes(self) -> tuple[FormField, ...]:
        """The boxes in the order of the page."""
        how_long = FormField(
            name="how_long",
            label="How long",
            text=self.how_long,
            control="select",
            choices=FOR_HOW_LONG,
            help=f"It is now {utc(time.time())}.",
        )
        return how_long, self.form["admin_until"], self.form["admin_reason"]


def seen_of(servers: Iterable[RealServer]) -> str:
    """Return a short text that is another one when the state of one of `servers`, or which they are, is."""
    states = repr([_state_of(server) for server in servers])
    return hashlib.sha256(states.encode()).hexdigest()[:16]


def _state_of(server: RealServer) -> tuple[AdminState | None, str | None, str | None]:
    return server.admin_state, server.admin_until, server.admin_reason


def _chosen_until(how_long: str) -> str | None:
    now = datetime.now(UTC)
    match how_long:
        case "15 min":
            end = now + timedelta(minutes=16)
        case "1 h":
            end = now + timedelta(minutes=61)
        case "today":
            end = now.replace(hour=0, minute=0) + timedelta(days=1)
        case _:
            return None
    # Cut to the minute, so the one that has begun is given to it.
    return utc(end.timestamp())


def _why_no_time(text: str) -> str:
    at = parse_until(text)
    if at is None:
        example = utc(time.time() + 3600)
        return f"'{text}' is not a valid time. Enter a time in UTC, such as {example}, or leave it blank."
    return "" if at > time.time() else f"{text} is in the past; it is now {utc(time.time())}."


@blueprint.route(
    "/virtual/<int(max=2147483647):row_id>/real/<int(max=2147483647):server_id>/state", methods=["GET", "POST"]
)
def page(row_id: int, server_id: int) -> Response:
    """Ask why and until when, and put the server into the state of the pressed button."""
    back = url_for("real_servers.page", row_id=row_id, selected=server_id)
    if request.form.get("admin") == "CANCEL":
        return redirect(back, 303)
    try:
        place = find_server(current.store.snapshot(), row_id, server_id)
    except Gone as gone:
        return gone_page(gone)
    if request.method != "POST":
        return _page(place, AdminForm.showing([place.row.server]))
    form = AdminForm.submitted()
    order = form.order()
    if order is None:
        return _page(place, form, 422)
    if form.seen != seen_of([place.row.server]):
        return _page(place, AdminForm.showing([place.row.server]), 409, [CHANGED])

    def again(refusal: Refused | NotSaved) -> Response:
        refused, code = place_refusal(config_of(current.store.snapshot()), refusal, form.form)
        return _page(place, form, code, refused)

    return save(lambda edit: give(edit, row_id, server_id, order), back=lambda _: back, again=again)


def give(edit: Edit, row_id: int, server_id: int, order: Order) -> ChangeResult:
    """Put one server into the state of `order`."""
    place = find_server(edit.snapshot, row_id, server_id)
    server = place.row.server
    edit.set_server(server_id, order.given_to(server))
    path = ("virtual", place.virtual.position, "server", place.index)
    summary = f"{place.virtual.virtual.name}: real server {server.name} {order.words}"
    return ChangeResult(summary, None if order.state is AdminState.READY else path)


def _page(place: ServerPlace, form: AdminForm, code: int = 200, refused: list[str] | None = None) -> Response:
    snapshot = current.store.snapshot()
    seen = current.pulse.part([place.virtual.position], snapshot.serial_no)
    view = KernelView(config_of(snapshot), seen)
    position, index = place.virtual.position, place.index
    page = render_template(
        "config/admin_state.html",
        place=place,
        admin=form,
        form=form.form,
        health=view.health(position, index),
        in_kernel=view.server(position, index),
        beside=view.in_beside(position, index),
        serial_no=snapshot.serial_no,
        wanted=request.args.get("to", ""),
        refused=refused or [],
    )
    return make_response(page, code)
