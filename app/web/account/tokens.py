"""API TOKENS: what programs show instead of a sign-in; made here, shown once, revoked here."""

from datetime import timedelta

from flask import Blueprint, abort, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.store import Scope, TokenRefused
from app.web.forms.field import FormField
from app.web.frame.current import current

LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "until revoked"))
FIRST_LIFETIME = "90"
SCOPES = (
    (Scope.READ.value, "read: see everything except passwords and secrets; for Prometheus"),
    (Scope.OPERATE.value, "operate: read, and activate, deactivate, drain, maintenance, ready, weight, look"),
    (Scope.ADMIN.value, "admin: operate, and change the configuration; sees passwords and secrets"),
)

blueprint = Blueprint("tokens_page", __name__)


@blueprint.get("/tokens")
def page() -> Response:
    """Show the tokens, and the form that makes one."""
    return _page()


@blueprint.post("/tokens")
def make() -> Response:
    """Make a token, and show it this once."""
    name, scope, days = (request.form.get(field, "") for field in ("name", "scope", "days"))
    if scope not in dict(SCOPES) or days not in dict(LIFETIMES):
        abort(400)
    lifetime = timedelta(days=int(days)) if days else None
    try:
        token = current.store.api_tokens.make(name.strip(), Scope(scope), lifetime, g.user.name)
    except TokenRefused as refused:
        return _page(name, scope, days, refused=(str(refused),), code=422)
    return _page(made=token)


@blueprint.post("/tokens/<int(max=2147483647):token_id>/revoke")
def revoke(token_id: int) -> Response:
    """Revoke a token: it is refused from now on."""
    name = current.store.api_tokens.revoke(token_id)
    if name is None:
        flash("This token was already revoked.", "info")
    else:
        flash(f"The token '{name}' was revoked.")
    return redirect(url_for("tokens_page.page"), 303)


def _page(
    name: str = "",
    scope: str = Scope.READ.value,
    days: str = FIRST_LIFETIME,
    *,
    refused: tuple[str, ...] = (),
    made: str = "",
    code: int = 200,
) -> Response:
    fields = (
        FormField(
            name="name",
            label="Name",
            text=name,
            help="The program that uses it. HISTORY lists it as the author of its changes.",
            errors=refused,
            is_required=True,
        ),
        FormField(name="scope", label="Scope", text=scope, control="select", choices=SCOPES),
        FormField(name="days", label="Valid for", text=days, control="select", choices=LIFETIMES),
    )
    page = render_template("account/tokens.html", tokens=current.store.api_tokens.all(), fields=fields, made=made)
    return make_response(page, code)
