"""Where a form may send the browser next: to a page of ours, nowhere else."""

from flask import request


def local_address(wanted: str | None) -> str:
    """Return `wanted` if it is a path on this site, else the first page."""
    home = f"{request.script_root}/"
    if not wanted or not wanted.startswith("/") or not wanted.isprintable():
        return home
    # "//host" and "/\host" leave the site; browsers take the backslash for a slash.
    if wanted[1:2] in ("/", "\\"):
        return home
    return wanted
