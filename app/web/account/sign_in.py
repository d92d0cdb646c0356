"""Signing in and out, the first password by the one-time link, and changing it."""

import math

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.store import NameRefused, PasswordRefused, SetupRefused, User
from app.web.account.access import bind_forms_to, give_token, take_token, token_of_request
from app.web.forms.field import FormField
from app.web.frame.current import current
from app.web.frame.filters import duration
from app.web.frame.redirects import local_address

FIRST_NAME = "admin"
WRONG = "The name or the password is wrong. Both are case-sensitive."
DIFFERENT = "The two passwords do not match. Type the new password twice."

blueprint = Blueprint("auth", __name__)


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> Response:
    """Ask for name and password, and open a session."""
    if g.user:
        return redirect(local_address(request.args.get("next")), 303)
    if request.method != "POST":
        return _login_page("")
    store = current.store
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    remote = _remote()
    wait_s = store.attempts.wait_s(name, remote)
    if wait_s > 0:
        return _login_page(name, _wait(wait_s), 429, wait_s)
    user = store.users.verify(name, password)
    if user is None:
        store.attempts.failed(name, remote)
        return _login_page(name, WRONG, 401)
    store.attempts.succeeded(name, remote)
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
    store, name, remote = current.store, g.user.name, _remote()
    wait_s = store.attempts.wait_s(name, remote)
    if wait_s > 0:
        return _password_page(old=(_wait(wait_s),), code=429)
    if store.users.verify(name, request.form.get("old", "")) is None:
        store.attempts.failed(name, remote)
        return _password_page(old=("This is not your password. Passwords are case-sensitive.",))
    store.attempts.succeeded(name, remote)
    new = request.form.get("password", "")
    if new != request.form.get("again", ""):
        return _password_page(again=(DIFFERENT,))
    try:
        store.users.set_password(name, new)
    except PasswordRefused as refusal:
        return _password_page(new=(str(refusal),))
    store.sessions.close_all(g.user.id, but=token_of_request())
    flash("Your password was changed. You were signed out everywhere else.")
    return redirect(url_for("monitoring.page"), 303)


def _signed_in(user: User, address: str) -> Response:
    """Open a session with a new token, whatever token the browser had before."""
    before = token_of_request()
    sessions = current.store.sessions
    if before:
        sessions.close(before)
    token = sessions.open(user, _remote())
    bind_forms_to(token)
    response = redirect(address, 303)
    give_token(response, token)
    return response


def _remote() -> str:
    return request.remote_addr or ""


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
            "words of this product and commonly used passwords are not accepted.",
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
    old: tuple[str, ...] = (), new: tuple[str, ...] = (), again: tuple[str, ...] = (), code: int = 422
) -> Response:
    current_one = FormField(
        name="old",
        label="Old password",
        autocomplete="current-password",
        is_required=True,
        errors=old,
    )
    page = render_template("account/password.html", old=current_one, passwords=_new_password(new, again))
    return make_response(page, code if old or new or again else 200)
