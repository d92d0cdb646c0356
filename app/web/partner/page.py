"""PARTNER: the second router. Pairing, the state of both, and the choice where both were edited."""

from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from app.accept.accept import Accepted, ChangeResult, EditedByHand, NotSaved, Refused, config_of
from app.accept.interface_names import rename
from app.host.control_client import ControlRefused, ControlUnreachable, ask
from app.host.names import PatientNames
from app.lvs.grammar.reader import parse
from app.lvs.model.address_kinds import literal_address, meaning, no_router_kind
from app.lvs.model.config import Config
from app.lvs.model.printable import plain
from app.lvs.pair.interface_names import DeviceNames, NamesRefused, devices_of
from app.lvs.pair.lineage import RevisionId
from app.store import Edit, PairingOffer
from app.web.change.answer import save
from app.web.change.findings import place_refusal
from app.web.change.hand_edit import HandEdit, hand_edit_page
from app.web.change.text_diff import difference
from app.web.forms.field import FormField
from app.web.frame.current import current
from app.web.partner.messages import is_live, lines, pair_history
from app.web.status.machine import machine_of

PAIRING_WITHIN_S = 45.0
CODE_WITHIN_S = 5.0
DEVICES_MAX = 200
CHANGED = (
    "One of the two configurations has changed since that page was displayed. Compare them again, then choose."
)

blueprint = Blueprint("partner_page", __name__)


@blueprint.get("/partner")
def page() -> Response:
    """Show the other router, or the form to pair with one."""
    return _page()


@blueprint.post("/partner/code")
def code() -> Response:
    """Show a new pairing code, once."""
    try:
        return _page(code=str(_ask("code", {}, CODE_WITHIN_S)))
    except (ControlUnreachable, ControlRefused) as refusal:
        return _page(refused=[f"No code could be created. {refusal}."], status=503)


@blueprint.post("/partner/pair")
def pair() -> Response:
    """Pair with the router that issued the code."""
    typed = {name: request.form.get(name, "").strip() for name in ("address", "port", "code")}
    wrong = _wrong(typed)
    if wrong:
        return _page(typed=typed, wrong=wrong, status=422)
    arguments = {"address": typed["address"], "port": int(typed["port"]), "code": typed["code"]}
    try:
        name = _ask("pair", arguments, PAIRING_WITHIN_S)
    except ControlRefused as refusal:
        return _page(typed=typed, wrong={"code": str(refusal)}, status=422)
    except ControlUnreachable as silence:
        return _page(typed=typed, refused=[f"The routers are not paired. {silence}."], status=503)
    flash(f"Paired with {name}: the two routers now share one configuration.")
    return redirect(url_for("partner_page.page"), 303)


@blueprint.post("/partner/unpair")
def unpair() -> Response:
    """End the pairing with the partner."""
    partner = current.store.partners.find()
    current.store.partners.unpair()
    if partner is not None:
        who, other = plain(g.user.name), plain(partner.name)
        current_app.logger.warning("%s unpaired this router from %s", who, other)
        flash(f"Unpaired from {partner.name}. Both routers keep their configuration; unpair there as well.")
    return redirect(url_for("partner_page.page"), 303)


@blueprint.post("/partner/choose")
def choose() -> Response:
    """Make one of the two configurations the newer one."""
    offer, word = current.store.partners.offer(), request.form.get("choice", "")
    if word not in ("ours", "theirs"):
        abort(400)
    seen = request.form.get("seen", "")
    if offer is None or seen != _pair_of(current.store.partners.head(), offer.version):
        flash(CHANGED, "warn")
        return redirect(url_for("partner_page.page"), 303)
    chosen = offer
    # Before anything is locked: a host name in the file may have to wait for DNS.
    theirs = parse(chosen.data, PatientNames()).config if word == "theirs" else None

    def back(accepted: Accepted | None) -> str:
        current.store.partners.drop_offer()
        return url_for("partner_page.page")

    def again(refusal: Refused | NotSaved) -> Response:
        refused, status = place_refusal(config_of(current.store.snapshot()), refusal)
        return _page(refused=refused, status=status)

    try:
        return save(lambda edit: _choose(edit, chosen, word, theirs, seen), back=back, again=again)
    except _Changed:
        flash(CHANGED, "warn")
        return redirect(url_for("partner_page.page"), 303)


@blueprint.post("/partner/interfaces")
def interfaces() -> Response:
    """Set the local names of the interfaces."""
    shared = request.form.getlist("shared")
    own = [name.strip() for name in request.form.getlist("own")]
    if len(shared) != len(own) or len(shared) > DEVICES_MAX:
        abort(400)
    typed = {name: here for name, here in zip(shared, own, strict=True) if here and here != name}
    try:
        rename(current.settings, current.store, DeviceNames(typed))
    except NamesRefused as refusal:
        return _page(names=dict(zip(shared, own, strict=True)), refused=[str(refusal)], status=422)
    except NotSaved as refusal:
        return _page(refused=[str(refusal)], status=refusal.code)
    except EditedByHand as edited:
        return hand_edit_page(
            HandEdit(edited.state, edited.found, edited.written, edited.serial_no), code=409, is_refusing=False
        )
    flash("The local interface names are saved, and lvs.cf is written with them.")
    return redirect(url_for("partner_page.page"), 303)


class _Changed(Exception):
    """Our own configuration has changed in the meantime."""


def _choose(edit: Edit, offer: PairingOffer, word: str, config: Config | None, seen: str) -> ChangeResult:
    if _pair_of(edit.head, offer.version) != seen:
        raise _Changed
    edit.skip_to(max(edit.head.serial_no, offer.version.serial_no) + 1)
    ours, theirs = edit.head.serial_no, offer.version.serial_no
    if word == "theirs":
        if config is None:
            raise NotSaved(
                "The partner's configuration cannot be read here: run the same version on both routers.",
                422,
            )
        edit.replace(config)
        return ChangeResult(
            f"chosen: {theirs} of the partner, not {ours} of this router", None, parents=(offer.version,)
        )
    return ChangeResult(
        f"chosen: {ours} of this router, not {theirs} of the partner", None, parents=(offer.version,)
    )


def _pair_of(ours: RevisionId, theirs: RevisionId) -> str:
    return " ".join(f"{version.serial_no}:{version.fingerprint}" for version in (ours, theirs))


def _ask(verb: str, arguments: dict[str, Any], within_s: float) -> Any:
    asked = {**arguments, "by": g.user.name}
    return ask(current.settings.partner_socket, verb, asked, within_s, program="partner")


def _wrong(typed: dict[str, str]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    port = typed["port"]
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535):
        wrong["port"] = f"'{port[:20]}' is not a port; enter 1 to 65535. The default is 3637."
    if not typed["address"] or not typed["address"].isprintable() or len(typed["address"]) > 255:
        wrong["address"] = "This is not an address. Enter the address or name of the router that issued the code."
    elif (literal := literal_address(typed["address"])) is not None and (kind := no_router_kind(literal)):
        wrong["address"] = (
            f"{meaning(literal)} is a {kind} address, which no router has. Enter the address or name of the "
            "router that issued the code."
        )
    if not typed["code"]:
        wrong["code"] = "Enter the code from the other router."
    return wrong


def _page(
    *,
    code: str = "",
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    names: dict[str, str] | None = None,
    refused: list[str] | None = None,
    status: int = 200,
) -> Response:
    seen = current.partner_now()
    offer = current.store.partners.offer() if seen.partner else None
    page = render_template(
        "partner/partner.html",
        seen=seen,
        report=seen.report,
        lines=lines(seen),
        pair_history=pair_history,
        is_live=seen.report is not None and is_live(seen.report),
        code=code,
        fields=_fields(typed or {}, wrong or {}),
        choice=_choice(offer, seen.partner.name) if offer and seen.partner else None,
        devices=_devices(names),
        here=sorted(_here()),
        refused=refused or [],
    )
    return make_response(page, status)


def _fields(typed: dict[str, str], wrong: dict[str, str]) -> tuple[FormField, ...]:
    def errors(name: str) -> tuple[str, ...]:
        return (wrong[name],) if name in wrong else ()

    return (
        FormField(
            name="address",
            label="Address of the other router",
            text=typed.get("address", ""),
            help="The address at which this router reaches the other one, preferably on a dedicated network.",
            errors=errors("address"),
            is_required=True,
        ),
        FormField(
            name="port",
            label="Port",
            text=typed.get("port", "3637"),
            errors=errors("port"),
            is_required=True,
            size=5,
        ),
        FormField(
            name="code",
            label="Code",
            text=typed.get("code", ""),
            help="Six groups of characters. Case, spaces and hyphens are ignored.",
            errors=errors("code"),
            is_required=True,
        ),
    )


def _choice(offer: PairingOffer, partner: str) -> dict[str, Any]:
    """Return the two configurations of which neither is newer, for the page."""
    store = current.store
    heads = store.revisions(1)
    mine = store.revision(heads[0].serial_no) if heads else None
    return {
        "revisions": [
            *([("", mine, mine.serial_no)] if mine else []),
            (partner, offer, offer.version.serial_no),
        ],
        "seen": _pair_of(store.partners.head(), offer.version),
        "difference": difference(
            mine.data if mine else b"",
            offer.data,
            f"serial {mine.serial_no} of this router" if mine else "nothing",
            f"serial {offer.version.serial_no} of the partner",
        ),
    }


def _devices(typed: dict[str, str] | None) -> list[tuple[str, str]]:
    """Return each interface in the configuration, with its local name if that is different."""
    if typed is not None:
        return list(typed.items())
    own = current.device_names().own
    names = {*devices_of(config_of(current.store.snapshot())), *own}
    return [(name, own.get(name, "")) for name in sorted(names)][:DEVICES_MAX]


def _here() -> list[str]:
    machine = machine_of(current.pulse.part().report)
    return list(machine.devices) if machine else []
