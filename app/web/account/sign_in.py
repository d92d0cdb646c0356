"""Signing in and out, the first password by the one-time link, and changing it."""

import math

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.store import NameRefused, PasswordRefused, SetupRefused, Throttled, TooManyLogins, User
from app.web.account.access import (
    bind_forms_to,
    give_device,
    give_token,
    origin_of,
    take_token,
    token_of_request,
)
from app.web.forms.field import FormField
from app.web.frame.current import current
from app.web.frame.filters import duration
from app.web.frame.redirects import local_address

FIRST_NAME = "admin"
WRONG = "The name or the password is wrong. Both are case-sensitive."
BUSY_WAIT_S = 2.0
DIFFERENT = "The two passwords do not match. Type the new password twice."

blueprint = Blueprint("auth", __name__)


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> Response:
    """Ask for name and password, and open a session."""
    if g.user:
        return redirect(local_address(request.args.get("next")), 303)
    if request.method != "POST":
        return _login_page("")
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    try:
        user = current.store.sign_ins.judge(name, password, origin_of(name))
    except Throttled as throttled:
        return _login_page(name, _wait(throttled.wait_s), 429, throttled.wait_s)
    except TooManyLogins as busy:
        return _login_page(name, str(busy), 503, BUSY_WAIT_S)
    if user is None:
        return _login_page(name, WRONG, 401)
    return _signed_in(user, local_address(request.args.get("next")))


@blueprint.post("/logout")
def logout() -> Response:
    """Close the session."""
    token = token_of_request()
    if token:
        current.store.sessions.close(token)
    bind_forms_to(None)
    flash("You are signed out.")
    response = redirect(url_for("auth.login"), 303)
    take_token(response)
    return response


@blueprint.route("/setup/<token>", methods=["GET", "POST"])
def setup(token: str) -> Response:
    """Let the holder of the one-time link set the first password."""
    store = current.store
    if not store.setup.is_valid(token):
        return _setup_over()
    if request.method != "POST":
        return _setup_page(FIRST_NAME)
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    if password != request.form.get("again", ""):
        return _setup_page(name, again=(DIFFERENT,))
    try:
        user = store.setup.redeem(token, name, password)
    except SetupRefused:
        return _setup_over()
    except NameRefused as refusal:
        return _setup_page(name, wrong_name=(str(refusal),))
    except PasswordRefused as refusal:
        return _setup_page(name, password=(str(refusal),))
    response = _signed_in(user, url_for("monitoring.page"))
    flash(f"The password of {user.name} was set, and you are signed in.")
    return response


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> Response:
    """Change the password of who is signed in; their other sessions are closed."""
    if request.method != "POST":
        return _password_page()
    store, name = current.store, g.user.name
    try:
        user = store.sign_ins.judge(name, request.form.get("old", ""), origin_of(name, token_of_request() or ""))
    except Throttled as throttled:
        return _password_page(old=(_wait(throttled.wait_s),), code=429, wait_s=throttled.wait_s)
    if user is None:
        return _password_page(old=("This is not your password. Passwords are case-sensitive.",))
    new = request.form.get("password", "")
    if new != request.form.get("again", ""):
        return _password_page(again=(DIFFERENT,))
    try:
        store.users.set_password(name, new)
    except PasswordRefused as refusal:
        return _password_page(new=(str(refusal),))
    store.sessions.close_all(user.id)
    response = _signed_in(user, url_for("monitoring.page"))
    flash("Your password was changed. You were signed out everywhere else.")
    return response


def _signed_in(user: User, address: str) -> Response:
    """Open a session with a new token, whatever token the browser had before, and know the browser again."""
    store, origin = current.store, origin_of(user.name)
    token, device = store.sessions.open(user, origin.remote), store.attempts.remember(user.name, origin)
    bind_forms_to(token)
    response = redirect(address, 303)
    give_token(response, token)
    give_device(response, user.name, device)
    return response


def _wait(wait_s: float) -> str:
    return f"There were too many wrong attempts. Wait {duration(math.ceil(wait_s))}, then try again."


def _login_page(name: str, refusal: str = "", code: int = 200, wait_s: float = 0) -> Response:
    fields = (
        FormField(name="name", label="Name", text=name, autocomplete="username", is_required=True),
        FormField(name="password", label="Password", autocomplete="current-password", is_required=True),
    )
    page = render_template(
        "account/login.html", fields=fields, refusal=refusal, is_without_users=current.store.users.is_empty()
    )
    return _answer(page, code, wait_s)


def _answer(page: str, code: int, wait_s: float) -> Response:
    response = make_response(page, code)
    if wait_s > 0:
        response.headers["Retry-After"] = str(math.ceil(wait_s))
    return response


def _new_password(errors: tuple[str, ...], again: tuple[str, ...]) -> tuple[FormField, FormField]:
    return (
        FormField(
            name="password",
            label="New password",
            autocomplete="new-password",
            is_required=True,
            errors=errors,
            help="12 to 1024 characters of any kind; three or four unrelated words work well. The user name, "
            "words of this product, commonly used passwords and a single word with digits are not accepted.",
        ),
        FormField(
            name="again",
            label="New password again",
            autocomplete="new-password",
            is_required=True,
            errors=again,
        ),
    )


def _setup_over() -> Response:
    has_users = not current.store.users.is_empty()
    return make_response(render_template("account/setup_over.html", has_users=has_users), 410)


def _setup_page(
    name: str,
    wrong_name: tuple[str, ...] = (),
    password: tuple[str, ...] = (),
    again: tuple[str, ...] = (),
) -> Response:
    first = FormField(
        name="name", label="Name", text=name, autocomplete="username", is_required=True, errors=wrong_name
    )
    is_wrong = bool(wrong_name or password or again)
    page = render_template("account/setup.html", name=first, passwords=_new_password(password, again))
    return make_response(page, 422 if is_wrong else 200)


def _password_page(
    old: tuple[str, ...] = (),
    new: tuple[str, ...] = (),
    again: tuple[str, ...] = (),
    code: int = 422,
    wait_s: float = 0,
) -> Response:
    current_one = FormField(
        name="old",
        label="Old password",
        autocomplete="current-password",
        is_required=True,
        errors=old,
    )
    page = render_template("account/password.html", old=current_one, passwords=_new_password(new, again))
    return _answer(page, code if old or new or again else 200, wait_s)
