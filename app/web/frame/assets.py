"""The addresses of the static files; each carries a hash of its content, so a browser may keep it for good."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from flask import request

STATIC_URL = "/static"
VERSION_ARGUMENT = "v"


def versioned(folder: Path) -> Callable[[str], str]:
    """Return the template function that gives the address of a file in `folder`.

    It does not go through url_for: an error page is shown also where no address could be matched.
    """
    versions: dict[tuple[str, int], str] = {}

    def asset(name: str) -> str:
        path = folder / name
        seen = (name, path.stat().st_mtime_ns)
        if seen not in versions:
            versions[seen] = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        return f"{request.script_root}{STATIC_URL}/{name}?{VERSION_ARGUMENT}={versions[seen]}"

    return asset
