"""How the API says no: a status, and a JSON object that says what was found and what to do."""

from typing import Any, NoReturn

from flask import jsonify
from werkzeug.exceptions import HTTPException


def refuse(code: int, error: str, advice: str, headers: dict[str, str] | None = None, **more: Any) -> NoReturn:
    """End the request with `code` and an object of `error`, `advice` and what is in `more`."""
    response = jsonify({"error": error, "advice": advice, **more})
    response.status_code = code
    response.headers.update(headers or {})
    raise HTTPException(response=response)
