"""ADOPT: shows the effect of adopting an unmanaged service, and adds it to the configuration."""

import hashlib
from dataclasses import replace

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accept.accept import Change, ChangeResult, NotSaved, Refused, config_of
from app.lvs.desired.adoption import Adoption, Unadoptable, adopt
from app.lvs.grammar.writer import render
from app.lvs.ipvs.diff import diff
from app.lvs.ipvs.ipvsadm import commands
from app.lvs.ipvs.plan_text import sentences
from app.lvs.ipvs.service_names import read_service, service_text
from app.lvs.ipvs.table import Service, ServiceKey
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.keyword import BlockKind
from app.lvs.model.values import Floating
from app.store import Edit
from app.web.change.answer import save
from app.web.change.findings import place_refusal
from app.web.forms.form import Form
from app.web.forms.inputs import Floated, Input, Typed
from app.web.forms.pages import NAME
from app.web.frame.current import current
from app.web.live.drift import ask_drift, foreign_services
from app.web.status.machine import first_device

INPUTS: tuple[Input, ...] = (
    Typed(keyword=NAME, size=30, blank=""),
    Floated(keyword=KEYWORDS[BlockKind.VIRTUAL]["address"], device="device", device_label="Device"),
)
CHANGED = "The service was changed in the kernel after this page was opened. Its current state is shown below."
NOT_FOREIGN = "is not an unmanaged service: it has been removed from the kernel or already adopted."

blueprint = Blueprint("adoption", __name__)


@blueprint.route("/drift/adopt", methods=["GET", "POST"])
def page() -> Response:
    """Ask for name and device and show what is kept; ACCEPT adds the virtual server."""
    if request.form.get("action") == "CANCEL":
        return redirect(url_for("drift.page"), 303)
    service, why = _find(request.values.get("service", ""))
    if service is None:
        return _gone(why)
    if request.method != "POST":
        return _page(service, Form.showing(INPUTS, _proposed(service)))
    form = Form.submitted(INPUTS, request.form)
    if request.form.get("seen") != _seen(service):
        return _page(service, form, [CHANGED], 409)
    typed = form.merged(_proposed(service))
    if form.errors:
        return _page(service, form, [], 422)
    made: list[int] = []
    change = adopting(service, typed.name, _floating(service, typed), made)

    def again(refusal: Refused | NotSaved) -> Response:
        refused, code = place_refusal(config_of(current.store.snapshot()), refusal, form)
        return _page(service, form, refused, code)

    try:
        return save(change, back=lambda _: url_for("virtual_server.page", row_id=made[-1]), again=again)
    except Unadoptable as unadoptable:
        return _page(service, form, [str(unadoptable)], 422)


def adopting(service: Service, name: str, floating: Floating | None, made: list[int]) -> Change:
    """Return the change that adopts `service`; it raises Unadoptable, and appends the new id to `made`."""

    def change(edit: Edit) -> ChangeResult:
        virtual = adopt(service, config_of(edit.snapshot), name, floating).virtual
        made.append(edit.add_virtual(virtual))
        where = ("virtual", len(edit.snapshot.virtual))
        return ChangeResult(f"{name}: adopted {service_text(service.key)} from the kernel", where)

    return change


def _find(text: str) -> tuple[Service | None, str]:
    """Return the unmanaged service of that name, or None and the reason."""
    try:
        key = read_service(text)
    except ValueError:
        abort(400)
    report, silence = ask_drift()
    if report is None:
        return None, silence
    found = next((service for service in foreign_services(report) if service.key == key), None)
    return found, "" if found else f"{service_text(key)} {NOT_FOREIGN}"


def _gone(why: str) -> Response:
    return make_response(render_template("live/adopt.html", service=None, why=why), 409)


def _page(service: Service, form: Form, refused: list[str] | None = None, code: int = 200) -> Response:
    config = config_of(current.store.snapshot())
    # A copy, so that each parse error is reported next to its field only once.
    typed = replace(form, errors={}).merged(_proposed(service))
    adoption: Adoption | None = None
    sentence = ""
    try:
        adoption = adopt(service, config, typed.name, _floating(service, typed))
    except Unadoptable as unadoptable:
        sentence = str(unadoptable)
    steps = adoption.plan.steps if adoption else ()
    page = render_template(
        "live/adopt.html",
        service=service,
        text=service_text(service.key),
        seen=_seen(service),
        form=form,
        refused=refused or [],
        unadoptable=sentence if not refused else "",
        lines=list(commands(diff({}, {service.key: service}, ()).steps)),
        written=render(Config(virtual=(adoption.virtual,))).decode() if adoption else "",
        changes=list(zip(sentences(steps, {service.key: service}, {}), commands(steps), strict=True)),
        serial_no=current.store.snapshot().serial_no,
    )
    return make_response(page, code)


def _proposed(service: Service) -> VirtualServer:
    """Return the virtual server with the default name and device."""
    key = service.key
    device = f"{current.device_names().shared_name(first_device(current.pulse.part().report))}:1"
    floating = Floating(key.address, device) if key.address is not None else None
    return VirtualServer(name=_name(key), address=floating)


def _name(key: ServiceKey) -> str:
    if key.address is None:
        return f"mark-{key.fwmark}"
    return f"{key.transport.name.lower()}-{key.address}-{key.port}"


def _floating(service: Service, typed: VirtualServer) -> Floating | None:
    """Return the virtual IP that was entered; a service with an address takes only the device from the form."""
    if service.key.address is None or typed.address is None:
        return typed.address
    return Floating(service.key.address, typed.address.device)


def _seen(service: Service) -> str:
    """Return a digest of the service, which changes when the service does."""
    return hashlib.sha256(repr(service).encode()).hexdigest()[:16]
