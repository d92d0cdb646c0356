"""Who may use the API: the holder of a token, named in the Authorization header and nowhere else.

Cookies are not looked at, so a browser that is signed in cannot be made to send anything here, and no form token
is needed.
"""

import math
from typing import NoReturn

from flask import g, request

from app.store import ApiToken, Origin, Scope, Throttled
from app.web.api.http.refusal import refuse
from app.web.frame.current import current
from app.web.frame.filters import duration
from app.web.frame.known_caller import note_caller
from app.web.frame.security import LARGE_BODY_MAX

GUESSED = " api token"
"""The name under which wrong tokens are counted: nobody's, as no name begins with a blank. Where they come from is
counted apart from wrong passwords."""

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="palometa"'}
_ADVICE = "Send 'Authorization: Bearer TOKEN' with a token from the page API TOKENS; cookies are ignored here."


def let_in(needed: Scope) -> None:
    """Let the request go on if its token covers `needed`; else answer 401, 403 or 429."""
    note_caller(False)
    g.token = token = _token()
    note_caller(True)
    if not token.scope.covers(needed):
        refuse(
            403,
            f"The token '{token.name}' has the scope {token.scope}, but this requires {needed}.",
            "Nothing was changed. Use another token; tokens are created on the page API TOKENS.",
            {"WWW-Authenticate": f'Bearer realm="palometa", error="insufficient_scope", scope="{needed}"'},
        )
    current.store.api_tokens.use(token, request.remote_addr or "")
    if token.scope is Scope.ADMIN:
        # Some seven thousand virtual servers.
        request.max_content_length = LARGE_BODY_MAX


def the_token() -> ApiToken:
    """Return the token this request came with."""
    token: ApiToken = g.token
    return token


def _token() -> ApiToken:
    scheme, _, word = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != "bearer" or not word.strip():
        refuse(401, "This request has no token.", _ADVICE, _CHALLENGE)
    token = current.store.api_tokens.find(word.strip())
    if token is None:
        _refuse_guess()
    if token.has_expired:
        is_known_when = token.expires_at is not None and token.expires_at != token.made_at
        ended = f"expired on {token.expires_at:%Y-%m-%d %H:%M} UTC" if is_known_when else "has expired"
        refuse(401, f"The token '{token.name}' {ended}.", _ADVICE, _wrong("expired"))
    return token


def _refuse_guess() -> NoReturn:
    """Answer a wrong token; who has a right one is never kept waiting for those of others."""
    try:
        current.store.attempts.begin(GUESSED, Origin(f"api {request.remote_addr}"))
    except Throttled as throttled:
        wait_s = math.ceil(throttled.wait_s)
        refuse(
            429,
            "There were too many requests with wrong tokens.",
            f"Wait {duration(wait_s)}. {_ADVICE}",
            {"Retry-After": str(wait_s)},
        )
    refuse(401, "This token is unknown: it is mistyped or was revoked.", _ADVICE, _wrong("unknown"))


def _wrong(why: str) -> dict[str, str]:
    return {
        "WWW-Authenticate": f'Bearer realm="palometa", error="invalid_token", error_description="{why}"',
    }
