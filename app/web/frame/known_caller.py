"""Whether a request comes from somebody known, told to the process that answers it, which serves them first."""

from typing import Any

from flask import request

_KEY = "palometa.is_known_caller"


def note_caller(is_known: bool) -> None:
    """Note whether the request of now comes from who is signed in, or holds a token of the API."""
    request.environ[_KEY] = is_known


def is_known_caller(environ: dict[str, Any], before: bool) -> bool:
    """Return what was noted of a request, by its WSGI environment; `before` where nobody looked."""
    return bool(environ.get(_KEY, before))
