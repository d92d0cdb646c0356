"""Who may come in: every page is closed unless PUBLIC names it, the API to all but tokens.

Keeps the cookies: that of the sign-in, and that by which a browser is known when it comes again.
"""

import hashlib
from datetime import timedelta

from flask import Flask, Response, g, redirect, request, session, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from app.store import Origin
from app.store.access.attempts import KNOWN_FOR
from app.store.access.users import folded
from app.web.api import routes as api
from app.web.frame.current import current
from app.web.frame.known_caller import note_caller
from app.web.frame.security import cookie_name, is_over_tls

PUBLIC = ("static", "health.page", "auth.login", "auth.setup")
WITHOUT_SESSION = ("static", "health.page")
REFRESHES_ITSELF = ("monitoring.table", "graphs.part", "events.part")

PUBLIC_BODY_MAX = 32 * 1024
"""Of a request of somebody who is not signed in, in bytes: two passwords of 1024 letters of any script."""

_BELONGS_TO = "of"
_FORM_KEY = "csrf_token"
"""Where Flask-WTF keeps the token of a browser's forms, by which browsers are told apart before a sign-in."""


def install(app: Flask) -> None:
    """Make `app` ask for a sign-in on every endpoint that is not in PUBLIC."""
    app.before_request(_let_in)


def token_of_request() -> str | None:
    """Return the sign-in token the browser sent."""
    return request.cookies.get(cookie_name(current.settings, "session"))


def give_token(response: AnyResponse, token: str) -> None:
    """Let the browser keep `token` until it is closed; the store decides how long it is valid."""
    _give(response, "session", token)


def take_token(response: AnyResponse) -> None:
    """Let the browser forget its token."""
    settings = current.settings
    response.delete_cookie(
        cookie_name(settings, "session"),
        path="/",
        secure=is_over_tls(settings),
        httponly=True,
        samesite="Strict",
    )


def give_device(response: AnyResponse, name: str, device: str) -> None:
    """Let the browser keep what it is known by when `name` signs in again; it opens nothing by itself."""
    _give(response, _device_cookie(name), device, KNOWN_FOR)


def origin_of(name: str, session_token: str = "") -> Origin:
    """Return where this request, which tries the password of `name`, comes from."""
    device = request.cookies.get(cookie_name(current.settings, _device_cookie(name)), "")
    return Origin(request.remote_addr or "", session.get(_FORM_KEY, ""), device, session_token)


def _device_cookie(name: str) -> str:
    """Return the name of the cookie: one for each user, as two may share a browser."""
    return f"device-{hashlib.sha256(folded(name).encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _give(response: AnyResponse, cookie: str, word: str, max_age: timedelta | None = None) -> None:
    settings = current.settings
    response.set_cookie(
        cookie_name(settings, cookie),
        word,
        max_age=max_age,
        path="/",
        secure=is_over_tls(settings),
        httponly=True,
        samesite="Strict",
    )


def bind_forms_to(token: str | None) -> None:
    """Make the CSRF token and the flashed messages those of the sign-in `token`; start over for another one.

    Without this a form cookie got under one sign-in, or planted from elsewhere, would be good under another.
    """
    owner = hashlib.sha256(token.encode()).hexdigest()[:16] if token else None
    if session.get(_BELONGS_TO) == owner:
        return
    session.clear()
    if owner:
        session[_BELONGS_TO] = owner


def _let_in() -> Response | AnyResponse | None:
    g.user = g.session = None
    if request.endpoint in WITHOUT_SESSION:
        return None
    if request.blueprint == api.blueprint.name:
        # The cookie is not even looked at: no page of another site can use it here.
        api.let_token_in()
        return None
    token = token_of_request()
    is_use = request.endpoint not in REFRESHES_ITSELF
    known = current.store.sessions.user_of(token, is_use=is_use) if token else None
    note_caller(known is not None)
    bind_forms_to(token if known else None)
    if known:
        g.session, g.user = known, known.user
        return None
    request.max_content_length = PUBLIC_BODY_MAX
    if request.endpoint is None or request.endpoint in PUBLIC:
        # Without an endpoint no view runs: the answer is "no such page", the same for everybody.
        return None
    if request.method == "GET":
        return redirect(url_for("auth.login", next=_here()), 303)
    raise Unauthorized


def _here() -> str:
    return request.full_path.rstrip("?")
