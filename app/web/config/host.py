"""HOST: every virtual server one machine serves, and DRAIN, MAINTENANCE and READY in all of them at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import ChangeResult, NotSaved, Refused, config_of
from app.lvs.keywords.table import effective
from app.lvs.model.values import Address, AdminState
from app.store import Edit, Snapshot
from app.web.change.answer import save
from app.web.change.conflict import ServerPlace
from app.web.change.findings import place_refusal
from app.web.change.summary import cut
from app.web.config.admin_state import CHANGED, AdminForm, Order, seen_of
from app.web.config.kernel_state import InKernel, KernelView
from app.web.frame.current import current
from app.web.status.server_health import ServerHealth

blueprint = Blueprint("host", __name__)


@dataclass(frozen=True, slots=True)
class HostLine:
    """One virtual server the host serves; `beside` is how many other servers of it may have clients."""

    place: ServerPlace
    port: int
    in_kernel: InKernel
    health: ServerHealth
    beside: int | None
    quorum: int


@blueprint.route("/host/<address>", methods=["GET", "POST"])
def page(address: str) -> Response:
    """Show what the host serves, and put it into the state of the pressed button everywhere in one revision."""
    host = _address(address)
    if request.form.get("admin") == "CANCEL":
        return redirect(url_for("virtual_servers.page"), 303)
    snapshot = current.store.snapshot()
    servers = [place.row.server for place in _places(snapshot, host)]
    if not servers:
        abort(404)
    if request.method != "POST":
        return _page(snapshot, host, AdminForm.showing(servers))
    form = AdminForm.submitted()
    order = form.order()
    if order is None:
        return _page(snapshot, host, form, 422)
    if form.seen != seen_of(servers):
        return _page(snapshot, host, AdminForm.showing(servers), 409, [CHANGED])

    def again(refusal: Refused | NotSaved) -> Response:
        refused, code = place_refusal(config_of(current.store.snapshot()), refusal, form.form)
        return _page(snapshot, host, form, code, refused)

    back = url_for("host.page", address=str(host))
    return save(lambda edit: _give(edit, host, order), back=lambda _: back, again=again)


def _address(text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError:
        abort(404)


def _places(snapshot: Snapshot, host: Address) -> Iterator[ServerPlace]:
    for virtual in snapshot.virtual:
        for index, row in enumerate(virtual.servers):
            if row.server.address == host:
                yield ServerPlace(virtual, row, index)


def _give(edit: Edit, host: Address, order: Order) -> ChangeResult:
    names = []
    for place in _places(edit.snapshot, host):
        edit.set_server(place.row.id, order.given_to(place.row.server))
        names.append(place.virtual.virtual.name)
    summary = cut(f"host {host} {order.words}: {', '.join(names)}")
    return ChangeResult(summary, None if order.state is AdminState.READY else ())


def _page(
    snapshot: Snapshot, host: Address, form: AdminForm, code: int = 200, refused: list[str] | None = None
) -> Response:
    places = list(_places(snapshot, host))
    seen = current.pulse.part({place.virtual.position for place in places}, snapshot.serial_no)
    view = KernelView(config_of(snapshot), seen)
    page = render_template(
        "config/host.html",
        host=host,
        lines=[_line(view, place) for place in places],
        admin=form,
        form=form.form,
        serial_no=snapshot.serial_no,
        refused=refused or [],
    )
    return make_response(page, code)


def _line(view: KernelView, place: ServerPlace) -> HostLine:
    virtual, position, index = place.virtual.virtual, place.virtual.position, place.index
    port = place.row.server.port
    return HostLine(
        place,
        effective(virtual, "port") if port is None else port,
        view.server(position, index),
        view.health(position, index),
        view.in_beside(position, index),
        effective(virtual, "quorum"),
    )
