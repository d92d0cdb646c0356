"""The page for everything that goes wrong: what happened, and what to do. Never the inside of the program."""

import secrets
from dataclasses import dataclass

from flask import Flask, current_app, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from app.store import StoreBusy, StoreFailed, TooManyLogins
from app.web.frame.security import WrongHost

KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")


@dataclass(frozen=True, slots=True)
class Page:
    """An error page: its heading, what was found, what to do."""

    heading: str
    found: str
    advice: str


FORM_TOKEN = Page(
    "This form is no longer valid",
    "The form was opened before you signed in or under another sign-in, or it did not come from this site.",
    "Nothing was changed. Go back, note what you typed, load the page again and send the form anew.",
)
WRONG_HOST = Page(
    "This name is not known here",
    "The request was addressed to a host name that this installation does not go by.",
    "Use the address of the director, or add the name to PALOMETA_TRUSTED_HOSTS and restart palometa web.",
)
OTHER = Page("The request failed", "The server could not do what was asked.", "Go back and try it again.")
PAGES = {
    400: Page(
        "The request was not understood",
        "A part of the request is missing or is not what this page takes.",
        "Nothing was changed. Go back, load the page again and repeat what you did.",
    ),
    401: Page(
        "You are not signed in",
        "This needs a sign-in, and yours has ended: 30 minutes without use, 12 hours in all, or a log out.",
        "Nothing was changed. Sign in and repeat what you did.",
    ),
    403: Page("This is not allowed", "You may not do this.", "Nothing was changed. Sign in as somebody who may."),
    404: Page(
        "There is no such page",
        "Nothing is found at this address. What it showed may have been deleted in the meantime.",
        "Check the address, or go on from the first page.",
    ),
    405: Page(
        "This page cannot be used that way",
        "The page exists but does not take this kind of request.",
        "Nothing was changed. Open the page and use its buttons.",
    ),
    410: Page("This is gone", "What was here has been used up or has expired.", "Go on from the first page."),
    413: Page(
        "That is too much at once",
        "The request is larger than 1 MiB (an import: 8 MiB), or its form is larger than 512 KiB or has more than "
        "1000 fields.",
        "Nothing was changed. Send less: the largest configuration is taken by `palometa import FILE`.",
    ),
    415: Page(
        "This kind of content is not taken", "The request holds a format this page does not read.", "Send a form."
    ),
    429: Page(
        "Too many attempts", "There were too many requests in a short time.", "Wait a little and try again."
    ),
    500: Page(
        "Something went wrong inside Palometa",
        "The program met a case it was not made for. What the kernel does now is not affected.",
        "Look whether your change was saved (HISTORY) before you repeat it. The log of `palometa web` says more.",
    ),
    503: Page("Not possible just now", "A part that is needed does not answer.", "Wait a little and try again."),
}

API_ADVICE = {
    400: "Nothing was changed. Mend the request: /api/openapi.json describes what is taken.",
    404: "Check the address: /api/openapi.json names those there are, and /api/virtual the ids.",
    405: "Nothing was changed. Use a method that the header Allow names.",
    413: "Nothing was changed. Send less: the largest configuration is taken by `palometa import FILE`.",
}
"""What to do instead of what a page's reader is told."""


def install(app: Flask) -> None:
    """Show a page of ours for every error of `app`."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(StoreBusy, _store_error)
    app.register_error_handler(StoreFailed, _store_error)
    app.register_error_handler(TooManyLogins, _too_many_logins)


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    code = error.code or 500
    page = PAGES.get(code, OTHER)
    if isinstance(error, CSRFError):
        page = FORM_TOKEN
    elif isinstance(error, WrongHost):
        page = WRONG_HOST
    response = _answer(page, code, _log(error) if isinstance(error, InternalServerError) else "")
    for name, value in error.get_headers():
        if name in KEPT_HEADERS:
            response.headers[name] = value
    return response


def _store_error(error: Exception) -> Response:
    current_app.logger.error("%s %s: %s", request.method, request.path, error)
    page = PAGES[503]
    return _answer(Page(page.heading, str(error), page.advice), 503)


def _too_many_logins(error: Exception) -> Response:
    page = PAGES[503]
    response = _answer(Page(page.heading, str(error), page.advice), 503)
    response.headers["Retry-After"] = "2"
    return response


def _log(error: InternalServerError) -> str:
    """Log the error under an id and return the id, for the page and the log to be laid side by side."""
    error_id = secrets.token_hex(4)
    current_app.logger.error(
        "error id %s: %s %s: %r", error_id, request.method, request.path, error.original_exception
    )
    return error_id


def _answer(page: Page, code: int, error_id: str = "") -> Response:
    if request.path.startswith("/api/") or request.path == "/metrics":
        advice = API_ADVICE.get(code, page.advice)
        body = {"error": page.found, "advice": advice} | ({"id": error_id} if error_id else {})
        response = jsonify(body)
        response.status_code = code
        return response
    return make_response(render_template("frame/error.html", page=page, code=code, error_id=error_id), code)
