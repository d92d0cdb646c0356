"""Light, dark, or as the system has it: a choice of the browser, kept in a cookie of its own."""

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from app.web.frame.current import current
from app.web.frame.redirects import local_address
from app.web.frame.security import cookie_name, is_over_tls

CHOICES = ("light", "dark")
KEPT_S = 365 * 24 * 3600

blueprint = Blueprint("look", __name__)


def chosen() -> str | None:
    """Return "light" or "dark", or None where the system's own setting holds."""
    look = request.cookies.get(cookie_name(current.settings, "look"))
    return look if look in CHOICES else None


@blueprint.post("/look")
def choose() -> Response:
    """Keep the choice and go back to the page it was made on."""
    look = request.form.get("look", "")
    if look not in (*CHOICES, "system"):
        abort(400)
    response = redirect(local_address(request.form.get("next")), 303)
    settings = current.settings
    response.set_cookie(
        cookie_name(settings, "look"),
        look,
        max_age=KEPT_S,
        path="/",
        secure=is_over_tls(settings),
        httponly=True,
        samesite="Strict",
    )
    return response
