"""The page for everything that goes wrong: what happened, and what to do. Never the inside of the program."""

import secrets
from dataclasses import dataclass

from flask import Flask, current_app, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from app.lvs.model.printable import plain
from app.store import StoreBusy, StoreFailed, TooManyLogins
from app.web.frame.security import WrongHost

METHOD_SHOWN, PATH_SHOWN = 20, 200
"""How many characters of them are logged."""
RETRY_AFTER_S = 5
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
    "Nothing was changed. Go back, note what you typed, reload the page and send the form again.",
)
WRONG_HOST = Page(
    "Unknown host name",
    "The request was addressed to a host name that this installation does not use.",
    "Use the address of the director, or add the name to PALOMETA_TRUSTED_HOSTS and restart palometa web.",
)
OTHER = Page("The request failed", "The server could not process the request.", "Go back and try again.")
PAGES = {
    400: Page(
        "The request was not understood",
        "Part of the request is missing or is not what this page accepts.",
        "Nothing was changed. Go back, reload the page and try again.",
    ),
    401: Page(
        "You are not signed in",
        "This requires a sign-in. Yours ended: after 30 minutes without use, after 12 hours, or by logging out.",
        "Nothing was changed. Sign in and try again.",
    ),
    403: Page(
        "This is not allowed",
        "You do not have permission to do this.",
        "Nothing was changed. Sign in as a user who has permission.",
    ),
    404: Page(
        "Page not found",
        "There is nothing at this address. It may have been deleted in the meantime.",
        "Check the address, or continue from the first page.",
    ),
    405: Page(
        "Method not allowed",
        "The address exists but does not accept this kind of request.",
        "Nothing was changed. Open the page and use its buttons.",
    ),
    410: Page("This is gone", "What was here has been used or has expired.", "Continue from the first page."),
    413: Page(
        "The request is too large",
        "The request is larger than 1 MiB (an import: 8 MiB), or its form is larger than 512 KiB or has more than "
        "1000 fields; without a sign-in, 32 KiB are accepted.",
        "Nothing was changed. Send less, or import a very large configuration with `palometa import FILE`.",
    ),
    415: Page("Unsupported content type", "The request is in a format this page does not accept.", "Send a form."),
    429: Page(
        "Too many attempts", "There were too many requests in a short time.", "Wait a moment and try again."
    ),
    500: Page(
        "Something went wrong inside Palometa",
        "An internal error occurred. The kernel's IPVS table is not affected.",
        "Check in HISTORY whether your change was saved before repeating it; see the log of `palometa web`.",
    ),
    503: Page("Temporarily unavailable", "A required component does not respond.", "Wait a moment and try again."),
}

API_ADVICE = {
    400: "Nothing was changed. Fix the request; /api/openapi.json describes what is accepted.",
    404: "Check the address: /api/openapi.json lists the addresses, /api/virtual the ids.",
    405: "Nothing was changed. Use a method listed in the Allow header.",
    413: "Nothing was changed. Send less, or import a very large configuration with `palometa import FILE`.",
}
"""The advice for programs, where it differs from that on the page."""


class Application(Flask):
    """Flask that leaves it to `_log` to log an exception: once, with its id, and on lines nobody can forge."""

    def log_exception(self, exc_info: object) -> None:
        """Log nothing; the page for the exception follows."""


def install(app: Flask) -> None:
    """Show a page of ours for every error of `app`."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(StoreBusy, _store_error)
    app.register_error_handler(StoreFailed, _store_error)
    app.register_error_handler(TooManyLogins, _too_many_logins)
    app.after_request(_say_when)


def _say_when(response: Response) -> Response:
    """Give every 503 a time to come back: what it waits for, a lock or pulse, usually is there again by then."""
    if response.status_code == 503 and "Retry-After" not in response.headers:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


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
    current_app.logger.error("%s: %s", _requested(), plain(str(error)))
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
    found = error.original_exception
    current_app.logger.error(
        "error id %s: %s: %s",
        error_id,
        _requested(),
        plain(repr(found)),
        exc_info=(type(found), found, found.__traceback__) if found is not None else None,
    )
    return error_id


def _requested() -> str:
    """Return the method and the path of the request, for the log: on one line, whatever the client put into it."""
    return f"{plain(request.method, METHOD_SHOWN)} {plain(request.path, PATH_SHOWN)}"


def _answer(page: Page, code: int, error_id: str = "") -> Response:
    if request.path.startswith("/api/") or request.path == "/metrics":
        advice = API_ADVICE.get(code, page.advice)
        body = {"error": page.found, "advice": advice} | ({"id": error_id} if error_id else {})
        response = jsonify(body)
        response.status_code = code
        return response
    return make_response(render_template("frame/error.html", page=page, code=code, error_id=error_id), code)
