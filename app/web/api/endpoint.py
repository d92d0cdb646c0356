"""What one endpoint of the API is: the shape of a row of the table in `endpoints.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from app.store import Scope

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """An argument of the address."""

    name: str
    schema: dict[str, Any]
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiEndpoint:
    """One method of one address; `view` does it, and the first line of its docstring says what that is.

    `path` has its ids in braces. `takes` names the schema of the body, which may be missing where `is_optional`;
    `gives` that of the answer with `code`, None: a text. `refuses` are the codes it may answer besides, those of
    every endpoint left out.
    """

    method: str
    path: str
    scope: Scope
    view: Callable[..., Response]
    gives: str | None
    content_type: str = JSON
    code: int = 200
    takes: str | None = None
    is_optional: bool = False
    wants_seen: bool = False
    has_tag: bool = False
    parameters: tuple[Parameter, ...] = ()
    refuses: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """What the endpoint is called, in Flask and as OpenAPI's operationId."""
        return self.view.__name__

    @property
    def summary(self) -> str:
        """What the endpoint does, in a line."""
        return (self.view.__doc__ or "").partition("\n")[0]
