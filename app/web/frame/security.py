"""What protects every request and every answer: limits, cookie flags, the names we answer to, headers."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request
from werkzeug.exceptions import BadRequest

from app.settings import Settings
from app.web.frame.assets import VERSION_ARGUMENT
from app.web.frame.trusted_proxy import TrustedProxy

BODY_MAX = 1024 * 1024
LARGE_BODY_MAX = 8 << 20
"""Of an import, and of a request with a token that may change the configuration; no body is read beyond it."""
FORM_MAX = 512 * 1024
FORM_PARTS_MAX = 1000

LOCAL_NAMES = ("localhost",)

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: over TLS the CSRF check wants to see where a form came from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

STRICT_TRANSPORT = "max-age=31536000"
"""Browsers that came by https once come by https for a year. Not includeSubDomains: those hosts are not ours."""


FORM_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE", "CONNECT"})
"""The methods that need the token of a form: all but those that change nothing (GET, HEAD, OPTIONS, TRACE)."""


class PageRequest(Request):
    """A request whose HEAD is a GET, as Flask lets one in wherever a GET is.

    A view that asks whether the method is GET would otherwise take a HEAD for a form, and one that no token
    protects. The body of the answer is still left out: that is decided by what the client sent.
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        if self.method == "HEAD":
            self.method = "GET"


class WrongHost(BadRequest):
    """The request is addressed to a name that is not ours."""


def is_over_tls(settings: Settings) -> bool:
    """Whether browsers reach the pages by https, here or through what stands in front."""
    return urlsplit(settings.url).scheme == "https"


def cookie_name(settings: Settings, name: str) -> str:
    """Return the full name of a cookie; __Host- binds it to this host, which browsers grant only over TLS.

    Browsers keep no port with it: two routers at two ports of one host would sign each other out under one name.
    """
    port = "" if settings.port == Settings().port else f"-{settings.port}"
    return f"{'__Host-' if is_over_tls(settings) else ''}palometa-{name}{port}"


def configuration(settings: Settings) -> dict[str, Any]:
    """Return Flask's configuration."""
    return {
        "MAX_CONTENT_LENGTH": BODY_MAX,
        "MAX_FORM_MEMORY_SIZE": FORM_MAX,
        "MAX_FORM_PARTS": FORM_PARTS_MAX,
        # Flask's own cookie holds the CSRF token and flashed messages; the sign-in is in `gate`.
        "SESSION_COOKIE_NAME": cookie_name(settings, "form"),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SESSION_COOKIE_SECURE": is_over_tls(settings),
        "SESSION_COOKIE_PATH": "/",
        # A token lives as long as the sign-in it belongs to: a form left open for an hour is still accepted.
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_METHODS": FORM_METHODS,
    }


def install(app: Flask, settings: Settings) -> None:
    """Take a HEAD of `app` for a GET, check the host of each request, and put the headers on each answer."""
    app.request_class = PageRequest
    names = _trusted_names(settings)

    def check_host() -> None:
        if not is_trusted_host(request.host, names):
            raise WrongHost

    def add_strict_transport(response: Response) -> Response:
        if request.is_secure or is_over_tls(settings):
            response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
        return response

    app.before_request(check_host)
    app.after_request(_add_headers)
    app.after_request(add_strict_transport)
    app.wsgi_app = TrustedProxy(app.wsgi_app, settings.trusted_proxy)  # type: ignore[method-assign]


def is_trusted_host(host: str, names: frozenset[str]) -> bool:
    """Whether `host` (a Host header, port and all) is one of `names` or an address.

    A bare address is safe: the attack this stops (DNS rebinding) needs a name that the attacker owns.
    """
    name = (urlsplit(f"//{host}").hostname or "") if host else ""
    if name in names:
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _trusted_names(settings: Settings) -> frozenset[str]:
    names = {*LOCAL_NAMES, *settings.trusted_hosts, settings.address, urlsplit(settings.url).hostname or ""}
    return frozenset(name.lower().strip("[]") for name in names if name)


FINGERPRINTED = ("static", "check_stylesheet.show")
"""Endpoints whose address changes with their content; a browser may keep it."""


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    is_fingerprinted = request.endpoint in FINGERPRINTED and VERSION_ARGUMENT in request.args
    if is_fingerprinted and response.status_code in (200, 304):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response
